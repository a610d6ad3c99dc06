// The editor: CodeMirror, in a look that follows the page's colours.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { globalCompletion, localCompletionSource, python, pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.self], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.definition(tags.variableName), tags.function(tags.variableName), tags.className], color: "var(--code-name)" },
]);

const look = EditorView.theme({
  "&": { backgroundColor: "var(--field)", color: "var(--text)", fontSize: "0.9rem", minHeight: "14rem", maxHeight: "60vh" },
  ".cm-scroller": { fontFamily: "var(--mono)", overflow: "auto", minHeight: "14rem" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--field)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active)" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  ".cm-tooltip": { backgroundColor: "var(--page)", color: "var(--text)", border: "1px solid var(--line)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-failed": { backgroundColor: "var(--failed)" },
});

// The line of an error, until the script changes.
const setFailed = StateEffect.define<number | null>();
const failed = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, transaction) {
    if (transaction.docChanged) lines = Decoration.none;
    for (const effect of transaction.effects) {
      if (!effect.is(setFailed)) continue;
      const line = effect.value;
      const known = line !== null && line >= 1 && line <= transaction.state.doc.lines;
      lines = known ? Decoration.set([Decoration.line({ class: "cm-failed" }).range(transaction.state.doc.line(line).from)]) : Decoration.none;
    }
    return lines;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export interface Editor {
  text(): string;
  replace(text: string): void;
  mark(line: number | null): void;
  jump(line: number, column?: number): void;
  focus(): void;
}

// openEditor makes the editor in parent. run is called by Ctrl-Enter and Cmd-Enter,
// changed whenever the text has changed.
export function openEditor(parent: HTMLElement, run: () => void, changed: () => void): Editor {
  const pressed = () => {
    run();
    return true;
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        Prec.highest(keymap.of([{ key: "Ctrl-Enter", run: pressed }, { key: "Mod-Enter", run: pressed }])),
        lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), highlightActiveLine(),
        indentOnInput(), bracketMatching(), closeBrackets(), autocompletion({ activateOnTyping: false }), indentUnit.of("    "),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
        python(), pythonLanguage.data.of({ autocomplete: localCompletionSource }), pythonLanguage.data.of({ autocomplete: globalCompletion }),
        syntaxHighlighting(colours), look, failed,
        EditorView.contentAttributes.of({ "aria-label": "Python script", tabindex: "0" }), // axe does not know that what can be edited gets the focus
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed();
        }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 }, scrollIntoView: true }),
    mark: (line) => view.dispatch({ effects: setFailed.of(line) }),
    jump(line, column = 1) {
      const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      view.dispatch({ selection: { anchor: Math.min(at.from + Math.max(column, 1) - 1, at.to) }, effects: EditorView.scrollIntoView(at.from, { y: "center" }) });
      view.focus();
    },
    focus: () => view.focus(),
  };
}

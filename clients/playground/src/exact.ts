// JSON with numbers as they are written, where the browser can keep them so. JavaScript has
// no integer above 2⁵³, and no difference between 1 and 1.0; Python has both.

interface Written {
  rawJSON: string;
}

const json = JSON as Omit<JSON, "parse"> & {
  parse(text: string, reviver?: (name: string, value: unknown, context: { source: string }) => unknown): unknown;
  rawJSON?(text: string): Written;
  isRawJSON?(value: unknown): value is Written;
};

// parse is JSON.parse, but numbers that would change are objects, which JSON.stringify writes
// as they were.
export function parse(text: string): unknown {
  const keep = json.rawJSON;
  if (keep === undefined) return json.parse(text);
  try {
    return json.parse(text, (_, value, context) => (typeof value === "number" && String(value) !== context.source ? keep(context.source) : value));
  } catch {
    return json.parse(text); // it is no JSON, or so deep that only this gets through
  }
}

// written returns the text of a number that parse has kept, and undefined for other values.
export function written(value: unknown): string | undefined {
  return json.isRawJSON?.(value) === true ? (value as Written).rawJSON : undefined;
}

package top

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/hotcell/hotcell/client/metrics"
)

const remembered = 600 // samples for the sparkline

// Live shows views on the terminal until the user quits or ctx ends. If the server
// does not answer, it says so and asks again.
func Live(ctx context.Context, source *Source, interval time.Duration, color bool) error {
	program := tea.NewProgram(&live{ctx: ctx, source: source, interval: interval, look: Look{Color: color}},
		tea.WithContext(ctx), tea.WithInput(os.Stdin), tea.WithOutput(os.Stdout), tea.WithoutSignalHandler())
	_, err := program.Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// live is the state of the terminal's view.
type live struct {
	ctx      context.Context
	source   *Source
	interval time.Duration
	look     Look
	last     *metrics.Sample // nil: none yet
	view     *View
	paused   bool
}

type (
	scraped struct {
		sample *metrics.Sample
		err    error
	}
	due struct{}
)

// Init implements [tea.Model].
func (l *live) Init() tea.Cmd { return l.scrape }

func (l *live) scrape() tea.Msg {
	sample, err := l.source.Scrape(l.ctx)
	return scraped{sample, err}
}

// Update implements [tea.Model]. At any time there is one scrape, or one wait for
// the next.
func (l *live) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case tea.WindowSizeMsg:
		l.look.Width, l.look.Height = message.Width, message.Height
	case tea.KeyPressMsg:
		switch message.String() {
		case "q", "ctrl+c", "esc":
			return l, tea.Quit
		case "p", "space":
			l.paused = !l.paused
		}
	case due:
		if l.paused {
			return l, l.wait()
		}
		return l, l.scrape
	case scraped:
		l.take(message)
		return l, l.wait()
	}
	return l, nil
}

func (l *live) wait() tea.Cmd {
	return tea.Tick(l.interval, func(time.Time) tea.Msg { return due{} })
}

func (l *live) take(got scraped) {
	if got.err != nil {
		why := strings.TrimPrefix(got.err.Error(), l.source.asks()+": ") // which the line above tells
		l.look.Notice = "no answer: " + metrics.Printable(why, 200) + "; trying again"
		return
	}
	l.look.Notice = ""
	l.view = NewView(l.source.client.URL(), l.last, got.sample)
	if l.last != nil && l.view.Requests != nil {
		l.look.History = append(l.look.History, *l.view.Requests)
		l.look.History = l.look.History[max(len(l.look.History)-remembered, 0):]
	}
	l.last = got.sample
}

// View implements [tea.Model].
func (l *live) View() tea.View {
	look := l.look
	look.Footer = "q quits, p pauses; every " + l.interval.String()
	if l.paused {
		look.Footer = "paused: p continues, q quits"
	}
	var content string
	switch {
	case l.view != nil:
		content = Render(l.view, look)
	case look.Notice != "":
		d := drawing{look: look}
		d.line(d.title("hotcell top") + "  " + l.source.client.URL())
		d.line(d.bad(look.Notice))
		d.line(d.dim(look.Footer))
		content = d.fitted()
	default:
		content = "asking " + l.source.client.URL()
	}
	view := tea.NewView(content)
	view.AltScreen = true
	return view
}

// Once asks the server once. The rates are averages since the server started.
func Once(ctx context.Context, source *Source) (*View, error) {
	sample, err := source.Scrape(ctx)
	if err != nil {
		return nil, err
	}
	return NewView(source.client.URL(), nil, sample), nil
}

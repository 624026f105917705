//go:build linux

package page

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"opsh/test/sample"
)

// screens are the widths that a page must work in.
var screens = []struct {
	name          string
	width, height int
}{{"desktop", 1280, 900}, {"phone", 390, 844}}

// TestClickThrough plays the replay, jumps about in it, by mouse and by keys. No words are looked for: both languages work alike.
func TestClickThrough(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		file := demo(t, lang)
		for _, s := range screens {
			t.Run(lang+" "+s.name, func(t *testing.T) {
				p := open(t, file, s.width, s.height, false, true)
				if got := eval[string](t, p, `document.documentElement.lang`); got != lang {
					t.Errorf("the page says that its language is %q", got)
				}
				if wide := eval[int](t, p, `document.documentElement.scrollWidth`); wide > s.width {
					t.Errorf("the page is %d wide, the screen %d", wide, s.width)
				}
				at := func() int { return eval[int](t, p, `Number(document.querySelector("[data-do=seek]").value)`) }
				screen := func() string { return eval[string](t, p, `document.querySelector(".screen").innerText`) }
				choose := func(name, value string) {
					eval[bool](t, p, fmt.Sprintf(`(() => { const e = document.querySelector("[data-do=%s]"); e.value = %q; e.dispatchEvent(new Event("change", {bubbles: true})); e.dispatchEvent(new Event("input", {bubbles: true})); return true })()`, name, value))
				}
				if at() != 0 || !strings.Contains(screen(), "opsh: begin") {
					t.Errorf("it doesn't begin at the beginning: %d\n%s", at(), screen())
				}
				choose("goto", "3")
				if now := eval[string](t, p, `document.querySelector(".now").textContent`); !strings.Contains(now, "#3") || strings.Contains(screen(), "released") {
					t.Errorf("command 3 doesn't begin: %q\n%s", now, screen())
				}
				third := at()
				p.do(t, chromedp.Click("[data-do=after]"))
				if !strings.Contains(screen(), "決済完了・出荷待ち") || at() <= third {
					t.Errorf("the next command's screen is\n%s", screen())
				}
				p.do(t, chromedp.Click("[data-do=before]"), chromedp.Click("[data-do=before]"))
				if at() >= third {
					t.Errorf("two commands back it is at %d, and command 3 at %d", at(), third)
				}
				choose("seek", "0")
				choose("speed", "16")
				play := func() string { return eval[string](t, p, `document.querySelector("[data-do=play]").textContent`) }
				still := play()
				p.do(t, chromedp.Click("[data-do=play]"))
				if play() == still {
					t.Error("the button doesn't say that it plays")
				}
				for until := time.Now().Add(patience / 3); play() != still; time.Sleep(100 * time.Millisecond) {
					if time.Now().After(until) {
						t.Fatalf("it doesn't come to the end: at %d", at())
					}
				}
				if end := eval[int](t, p, `Number(document.querySelector("[data-do=seek]").max)`); at() != end {
					t.Errorf("it ends at %d of %d", at(), end)
				}
				p.do(t, chromedp.Click(`a[href="#s1-c2"]`))
				top := func() float64 {
					return eval[float64](t, p, `document.getElementById("s1-c2").getBoundingClientRect().top`)
				}
				for until := time.Now().Add(patience / 6); top() < -5 || top() > float64(s.height); time.Sleep(100 * time.Millisecond) {
					if time.Now().After(until) {
						t.Fatalf("the link to command 2 leads to %f", top())
					}
				}
				p.do(t, chromedp.Focus(".screen"), chromedp.KeyEvent(kb.Home), chromedp.KeyEvent("n"), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowLeft))
				if now := eval[string](t, p, `document.querySelector(".now").textContent`); !strings.Contains(now, "#1") {
					t.Errorf("the keys lead to %q", now)
				}
				p.do(t, chromedp.KeyEvent(" "))
				if play() == still {
					t.Error("space doesn't play")
				}
				p.do(t, chromedp.KeyEvent(" "))
				if play() != still {
					t.Error("space doesn't pause")
				}
				p.quiet(t, file)
			})
		}
	}
}

// TestHostileOutput: what a tool printed is text in the page, wherever it stands.
func TestHostileOutput(t *testing.T) {
	file := demo(t, "en")
	p := open(t, file, 1280, 900, false, true)
	if n := eval[int](t, p, `document.querySelectorAll("script").length * 100 + document.images.length + (window.pwned ? 1 : 0)`); n != 200 {
		t.Errorf("%d: there are two scripts, the page's own and the film", n)
	}
	eval[bool](t, p, `(() => { const e = document.querySelector("[data-do=seek]"); e.value = e.max; e.dispatchEvent(new Event("input")); return true })()`)
	for _, where := range []string{".screen", "#s1-c2 ~ .output"} {
		if text := eval[string](t, p, fmt.Sprintf(`document.querySelector(%q).innerText`, where)); !strings.Contains(text, `<img src=x onerror="pwned = 1">`) || !strings.Contains(text, "password-free") {
			t.Errorf("%s shows\n%s", where, text)
		}
	}
	if n := eval[int](t, p, `document.querySelectorAll("script").length * 100 + document.images.length + (window.pwned ? 1 : 0)`); n != 200 {
		t.Errorf("%d: the replay made elements of a tool's output", n)
	}
	p.quiet(t, file)
}

// TestWithoutScripts: the outputs stand there all the same.
func TestWithoutScripts(t *testing.T) {
	p := open(t, demo(t, "ja"), 1280, 900, false, false)
	text, err := chromedp.Run(p.ctx, chromedp.Text("body"))
	must(t, err)
	for _, want := range []string{"決済完了・出荷待ち", "unlocking 100%", "スクリプトを要する"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "1×") {
		t.Error("there are controls that do nothing")
	}
}

// TestLarge: a session of 300 commands is a page under 2 MB that opens in under a second.
func TestLarge(t *testing.T) {
	dir := t.TempDir()
	made, err := sample.Large(dir, 300)
	must(t, err)
	file := report(t, 0, "--recordings", made.Recording, made.Trail)
	st, err := os.Stat(file)
	must(t, err)
	if st.Size() >= 2_000_000 {
		t.Errorf("the page has %d bytes", st.Size())
	}
	best := 1e9
	for range 5 {
		p := open(t, file, 1280, 900, false, true)
		loaded := eval[float64](t, p, `new Promise(done => { const told = () => setTimeout(() => done(performance.getEntriesByType("navigation")[0].loadEventEnd), 0); document.readyState === "complete" ? told() : addEventListener("load", told) })`)
		if n := eval[int](t, p, `document.querySelectorAll(".command").length`); n != 300 {
			t.Fatalf("it shows %d commands", n)
		}
		if best = min(best, loaded); best < 1000 {
			break
		}
	}
	t.Logf("%d bytes, loaded after %.0f ms", st.Size(), best)
	if best >= 1000 {
		t.Errorf("it is loaded after %.0f ms", best)
	}
}

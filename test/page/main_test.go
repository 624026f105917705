//go:build linux

// Package page opens the reports that opsctl writes in a browser, as an auditor does.
package page

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"opsh/test/sample"
)

var update = flag.Bool("update", false, "write testdata/*.png and the sample in testdata anew; look at every picture")

// patience is for a machine that does much else.
const patience = 3 * time.Minute

var opsctl, browser, fonts string

// fontsConf has every machine draw with the same fonts, whatever else it has: those that test/run installs.
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts/truetype/dejavu</dir>
  <dir>/usr/share/fonts/opentype/ipafont-gothic</dir>
  <cachedir>%s</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family><family>IPAGothic</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family><family>IPAGothic</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family><family>IPAGothic</family></prefer></alias>
</fontconfig>
`

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "opsh-page-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		opsctl = filepath.Join(dir, "opsctl")
		if out, err := exec.Command("go", "build", "-o", opsctl, "opsh/cmd/opsctl").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "cannot build opsctl: %v\n%s", err, out)
			return 1
		}
		for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
			if browser, err = exec.LookPath(name); err == nil {
				break
			}
		}
		if browser == "" {
			fmt.Fprintln(os.Stderr, "cannot open a page: there is no chromium; test/run installs it")
			return 1
		}
		fonts = filepath.Join(dir, "fonts.conf")
		if err := os.WriteFile(fonts, fmt.Appendf(nil, fontsConf, dir), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		if *update { // before the pictures of it
			if err := remake("testdata/demo"); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
		}
		return m.Run()
	}())
}

// remake makes the sample anew. Its keys are chance, so its hashes are others then.
func remake(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	_, err := sample.Demo(dir)
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// report writes a report, and returns its file. The status is as opsctl's is.
func report(t *testing.T, want int, args ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "report.html")
	cmd := exec.Command(opsctl, append([]string{"report", "--out", to}, args...)...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != want {
		t.Fatalf("opsctl report ends with %d (%v)\n%s", cmd.ProcessState.ExitCode(), err, out)
	}
	return to
}

// demo is the committed sample's report: its hashes are always the same, so that pictures of it are.
func demo(t *testing.T, lang string) string {
	t.Helper()
	return report(t, 0, "--lang", lang, "--cloudtrail", "testdata/demo/events.json", "--recordings", "testdata/demo/recording", "--texts", "testdata/demo/runbook",
		"--signers", "testdata/demo/signers", "testdata/demo/trail")
}

// tab is a page, and what the browser had to say about it.
type tab struct {
	ctx context.Context

	mu       sync.Mutex
	asked    []string
	problems []string
}

// open opens a file in a new browser.
func open(t *testing.T, file string, width, height int, dark, scripts bool) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.Env("FONTCONFIG_FILE="+fonts), chromedp.WindowSize(width, height),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-device-scale-factor", "1"), chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("disable-lcd-text", true), chromedp.WSURLReadTimeout(patience))
	ctx, end := context.WithTimeout(context.Background(), patience)
	t.Cleanup(end)
	ctx, endBrowser := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(endBrowser)
	ctx, endTab := chromedp.NewContext(ctx)
	t.Cleanup(endTab)
	p := &tab{ctx: ctx}
	must(t, chromedp.Listen(ctx, p.hear))
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	call(t, p, network.Enable, network.EnableParams{})
	call(t, p, log.Enable, cdp.Empty{})
	call(t, p, runtime.Enable, cdp.Empty{})
	p.size(t, width, height)
	call(t, p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	call(t, p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
	p.do(t, chromedp.Navigate("file://"+file))
	return p
}

// hear keeps what the browser says that an auditor's should not.
func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.asked = append(p.asked, e.Request.URL)
	case *runtime.EventExceptionThrown:
		p.problems = append(p.problems, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		p.problems = append(p.problems, fmt.Sprintf("console.%s", e.Type))
	case *log.EventEntryAdded:
		p.problems = append(p.problems, e.Entry.Text)
	}
}

// size is that of the screen.
func (p *tab) size(t *testing.T, width, height int) {
	t.Helper()
	call(t, p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: int64(height), DeviceScaleFactor: 1, Mobile: width < 600})
}

func (p *tab) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	must(t, chromedp.Do(p.ctx, actions...))
}

func call[P, R any](t *testing.T, p *tab, command cdp.Command[P, R], params P) R {
	t.Helper()
	result, err := chromedp.Call(p.ctx, command, params)
	must(t, err)
	return result
}

// eval evaluates an expression in the page.
func eval[T any](t *testing.T, p *tab, expression string) T {
	t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	must(t, err)
	return value
}

// quiet holds that nothing was asked for but the file, and nothing was complained of.
func (p *tab) quiet(t *testing.T, file string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, url := range p.asked {
		if url != "file://"+file {
			t.Errorf("the page asks for %s", url)
		}
	}
	if len(p.asked) == 0 {
		t.Error("nobody saw that the page itself was asked for, so nothing would be seen of others")
	}
	if len(p.problems) > 0 {
		t.Errorf("the browser complains: %s", strings.Join(p.problems, "\n"))
	}
}

//go:build linux

package page

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// differMost is the part of a picture's pixels that may differ: fonts are drawn in another way from one version to the next. A table that is gone, a color or a
// column that moved is more.
const differMost = 0.06

// TestLook holds the page against pictures that somebody has looked at.
func TestLook(t *testing.T) {
	file := demo(t, "ja")
	for _, s := range screens {
		for _, place := range []struct{ name, at string }{{"top", "h1"}, {"replay", ".film"}} {
			for _, dark := range []bool{false, true} {
				if dark && place.name == "replay" {
					continue // the terminal is dark anyway
				}
				name := s.name + "-" + place.name
				if dark {
					name += "-dark"
				}
				t.Run(name, func(t *testing.T) {
					p := open(t, file, s.width, s.height, dark, true)
					// When it was made is another each time.
					eval[bool](t, p, fmt.Sprintf(`(() => { document.querySelector(".made").textContent = "-"; document.querySelector(%q).scrollIntoView({block: "start"}); const e = document.querySelector("[data-do=seek]"); e.value = e.max; e.dispatchEvent(new Event("input")); return true })()`, place.at))
					shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
					must(t, err)
					compare(t, filepath.Join("testdata", name+".png"), shot)
				})
			}
		}
	}
}

func compare(t *testing.T, reference string, shot []byte) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(reference, shot, 0o644))
	}
	known, err := os.ReadFile(reference)
	must(t, err)
	is, err := png.Decode(bytes.NewReader(shot))
	must(t, err)
	was, err := png.Decode(bytes.NewReader(known))
	must(t, err)
	if is.Bounds() != was.Bounds() {
		t.Fatalf("it is %v, and was %v", is.Bounds(), was.Bounds())
	}
	if d := difference(is, was); d > differMost {
		got := filepath.Join(os.TempDir(), filepath.Base(reference))
		must(t, os.WriteFile(got, shot, 0o644))
		t.Errorf("%.1f %% of the picture differ from %s; it is kept as %s. When it is right, go test ./test/page -update", d*100, reference, got)
	}
}

// difference is the part of the pixels that differ by more than a shade.
func difference(a, b image.Image) float64 {
	n := 0
	r := a.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			ar, ag, ab, _ := a.At(x, y).RGBA()
			br, bg, bb, _ := b.At(x, y).RGBA()
			if apart(ar, br)+apart(ag, bg)+apart(ab, bb) > 3*0x2800 {
				n++
			}
		}
	}
	return float64(n) / float64(r.Dx()*r.Dy())
}

func apart(a, b uint32) uint32 { return max(a, b) - min(a, b) }

// TestDifference: a picture of which a fifteenth is missing is another.
func TestDifference(t *testing.T) {
	a, b := image.NewGray(image.Rect(0, 0, 100, 100)), image.NewGray(image.Rect(0, 0, 100, 100))
	if d := difference(a, b); d != 0 {
		t.Errorf("a picture differs from itself: %f", d)
	}
	for i := range 700 {
		b.Pix[i] = 255
	}
	if d := difference(a, b); d <= differMost || d > 0.071 {
		t.Errorf("700 of 10,000 pixels are %f", d)
	}
}

var (
	pdfPage = regexp.MustCompile(`/Type\s*/Page\b[^s]`)
	a4      = regexp.MustCompile(`/MediaBox\s*\[\s*0 0 (59[45][.0-9]*) (84[12][.0-9]*)\s*\]`)
	anyBox  = regexp.MustCompile(`/MediaBox`)
)

// TestPrint: on paper it is A4, of as many pages as there were when somebody looked at them, and no table is cut at the side.
func TestPrint(t *testing.T) {
	p := open(t, demo(t, "ja"), 1280, 900, false, true)
	call(t, p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	p.size(t, 688, 970) // A4 without the margins, in CSS pixels
	if cut := eval[string](t, p, `[...document.querySelectorAll("table, pre, dl")].filter(e => e.offsetParent && (e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > 689)).map(e => e.tagName + " " + e.innerText.slice(0, 60)).join("\n")`); cut != "" {
		t.Errorf("cut at the side:\n%s", cut)
	}
	if heads := eval[string](t, p, `[...document.querySelectorAll("thead")].map(e => getComputedStyle(e).display).filter(d => d !== "table-header-group").join()`); heads != "" {
		t.Errorf("a table's head isn't repeated: %s", heads)
	}
	call(t, p, emulation.ClearDeviceMetricsOverride, cdp.Empty{})
	yes := true
	pdf := call(t, p, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &yes, PrintBackground: &yes}).Data
	if *update {
		must(t, os.WriteFile(filepath.Join(os.TempDir(), "report.pdf"), pdf, 0o644)) // to be looked at
	}
	pages, boxes := len(pdfPage.FindAll(pdf, -1)), len(anyBox.FindAll(pdf, -1))
	if pages < pagesWere-1 || pages > pagesWere+1 {
		t.Errorf("%d pages; there were %d", pages, pagesWere)
	}
	t.Logf("%d pages", pages)
	if n := len(a4.FindAll(pdf, -1)); n == 0 || n != boxes {
		t.Errorf("%d of %d pages are A4", n, boxes)
	}
}

// pagesWere is how many pages the demo had when somebody looked at them, with the fonts of Debian's fonts-ipafont-gothic and fonts-dejavu.
const pagesWere = 5

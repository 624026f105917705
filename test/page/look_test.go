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

// A picture is compared by blocks of so many pixels, whose average hardly depends on how a version of a font or of the browser draws a letter's edge. A line that
// is gone or that moved, another color, another width of a column, change many.
const (
	block      = 16
	shade      = 8    // of 255, by which a block's average may differ in each color
	differMost = 0.03 // of the blocks
)

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
	d := difference(is, was)
	t.Logf("%.2f %% differ", d*100)
	if d > differMost {
		got := filepath.Join(os.TempDir(), filepath.Base(reference))
		must(t, os.WriteFile(got, shot, 0o644))
		t.Errorf("%.1f %% of the picture differ from %s; it is kept as %s. When it is right, go test ./test/page -update", d*100, reference, got)
	}
}

// difference is the part of the blocks that differ.
func difference(a, b image.Image) float64 {
	differ, all := 0, 0
	r := a.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y += block {
		for x := r.Min.X; x < r.Max.X; x += block {
			at := image.Rect(x, y, x+block, y+block).Intersect(r)
			all++
			one, other := average(a, at), average(b, at)
			for i := range one {
				if max(one[i], other[i])-min(one[i], other[i]) > shade {
					differ++
					break
				}
			}
		}
	}
	return float64(differ) / float64(all)
}

// average is the average red, green and blue of a part of a picture.
func average(of image.Image, at image.Rectangle) (sum [3]uint32) {
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			r, g, b, _ := of.At(x, y).RGBA()
			sum[0], sum[1], sum[2] = sum[0]+r>>8, sum[1]+g>>8, sum[2]+b>>8
		}
	}
	for i := range sum {
		sum[i] /= uint32(at.Dx() * at.Dy())
	}
	return sum
}

// TestDifference: where one line of text in twenty is gone, the picture is another; where each pixel is a little darker, it isn't.
func TestDifference(t *testing.T) {
	page := func(lines int, white uint8) image.Image {
		p := image.NewGray(image.Rect(0, 0, 320, 640))
		for i := range p.Pix {
			p.Pix[i] = white
			if y := i / 320; y/16%2 == 1 && y/32 < lines && i%3 == 0 {
				p.Pix[i] = 0
			}
		}
		return p
	}
	whole := page(20, 255)
	for _, c := range []struct {
		name string
		is   image.Image
		same bool
	}{{"itself", page(20, 255), true}, {"a shade", page(20, 250), true}, {"a line and more", page(18, 255), false}, {"dark", page(20, 20), false}} {
		if d := difference(whole, c.is); (d <= differMost) != c.same {
			t.Errorf("%s: %f", c.name, d)
		}
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

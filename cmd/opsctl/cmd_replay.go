package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"golang.org/x/term"

	"opsh/cmd/opsctl/internal/awsconf"
	"opsh/cmd/opsctl/internal/replay"
	"opsh/cmd/opsctl/internal/source"
)

func replayVerb() verb {
	return verb{
		name: "replay", usage: "[--from PLACE] [--speed N] [--command N] [--idle-limit 2s] [--print] [--profile P] [--region R] PLACE|SESSION",
		about: "Plays the recording of a session",
		more: `
PLACE is a recording: FILE, "-" for standard input, s3://BUCKET/KEY, or s3://BUCKET/PREFIX/SESSION/ where its parts lie.

--from        where SESSION's recording lies: a directory, or s3://BUCKET/PREFIX/; the machine's own, ` + recordingsHere + `, when left out
--speed       how much faster than it was: 2, 0.5
--command     begins where command N does
--idle-limit  no pause is longer than that
--print       prints what was shown as text, of the command alone with --command; so it does where there is no terminal

Keys: space pauses, + and - change the speed, the arrows go 5 seconds forth and back, n and p to the next and the previous command, q leaves.
What a recording would have a terminal do beside drawing (its clipboard, its title, its answers) is left out. Widen the
terminal to what the session had, if lines break elsewhere. That a recording is genuine, opsctl verify --recording proves.`,
		run: replayRun,
	}
}

// recordingsHere is where opsh keeps recordings when it isn't built for elsewhere.
const recordingsHere = "/var/lib/opsh/recording"

func replayRun(p *person, args []string) int {
	f := options()
	from, speed, command := f.String("from", "", ""), f.Float64("speed", 1, ""), f.Int("command", 0, "")
	idle, text := f.Duration("idle-limit", 0, ""), f.Bool("print", false, "")
	var o awsconf.Options
	awsOptions(f, &o)
	words, err := parse(f, args)
	switch {
	case err != nil:
	case len(words) != 1:
		err = errors.New("cannot replay: one recording is to be named")
	case !(*speed >= 1.0/16 && *speed <= 1024):
		err = errors.New("cannot use --speed: it is a number from 0.0625 to 1024")
	case *command < 0 || *idle < 0:
		err = errors.New("cannot use --command and --idle-limit below 0")
	}
	var place source.Place
	if err == nil {
		place, err = recordingPlace(words[0], *from)
	}
	if err != nil {
		return p.misused(replayVerb(), err)
	}
	cast, err := load(source.Opener{Stdin: p.in, AWS: o}, place)
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	if *idle > 0 {
		cast.Squeeze(*idle)
	}
	in, out, terminal := p.terminal()
	if *text || !terminal || place.Kind == source.Stdin {
		err = cast.Print(p.out, *command)
	} else {
		err = p.play(cast, in, out, *speed, *command)
	}
	if err != nil {
		p.fail(err)
		return statusBroken
	}
	return 0
}

var sessionName = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9_-]{0,127}\z`)

// recordingPlace is where a recording lies: a place, or below from the one of a session.
func recordingPlace(name, from string) (source.Place, error) {
	if from == "" {
		if _, err := os.Stat(name); err == nil || !sessionName.MatchString(name) {
			return source.Parse(name)
		}
		from = recordingsHere
	}
	switch {
	case !sessionName.MatchString(name):
		return source.Place{}, fmt.Errorf("cannot find %s: it isn't a session's id", quote(name))
	case strings.HasPrefix(from, "s3://"):
		return source.Parse(strings.TrimSuffix(from, "/") + "/" + name + "/")
	}
	return source.Parse(path.Join(from, name+".cast"))
}

func load(opener source.Opener, place source.Place) (*replay.Cast, error) {
	in, err := opener.Open(context.Background(), place)
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	return replay.Load(in)
}

// play plays in the terminal.
func (p *person) play(cast *replay.Cast, in, out *os.File, speed float64, command int) error {
	cols, rows, err := term.GetSize(int(out.Fd()))
	if err != nil {
		return fmt.Errorf("cannot replay: %w", err)
	}
	if cols < cast.Term.Cols || rows < cast.Term.Rows {
		p.warn(fmt.Sprintf("the session had %dx%d, this terminal has %dx%d: not all will stand where it stood", cast.Term.Cols, cast.Term.Rows, cols, rows))
		time.Sleep(2 * time.Second)
	}
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("cannot set the terminal to raw mode: %w", err)
	}
	defer term.Restore(int(in.Fd()), before) //nolint:errcheck // a terminal that is gone needs no mode
	keys := make(chan byte)
	go func() {
		defer close(keys)
		b := make([]byte, 1)
		for {
			if n, err := in.Read(b); n == 0 || err != nil {
				return
			}
			keys <- b[0]
		}
	}()
	player := replay.Player{Cast: cast, Out: out, Rows: rows, Keys: keys, Speed: speed, Start: command}
	return player.Play(context.Background())
}

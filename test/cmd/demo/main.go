// Demo opens an opsh session as ECS Exec would, against a private MariaDB and a small Rails application, and prints the session
// log at the end. With --script it plays a fixed dialogue instead and fails when an answer is missing.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"opsh/test/fixture"
	"opsh/test/rig"
)

func main() {
	scripted := len(os.Args) == 2 && os.Args[1] == "--script"
	if len(os.Args) > 1 && !scripted {
		fmt.Fprintln(os.Stderr, "error: usage: test/demo [--script]")
		os.Exit(2)
	}
	if err := demo(scripted); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

const introduction = `
This is a session as ECS Exec opens it in a production container. Try:
  mysql -t -e 'SELECT * FROM orders' app_production    a query
  mysql app_production -e 'SELECT 1'                   refused: options stand first
  mysql app_production                                 a session; \! id in it goes nowhere
  rails runner stuck.rb                                a reviewed script
  help                                                 what else there is; exit leaves

`

func demo(scripted bool) (err error) {
	if !scripted && !term.IsTerminal(int(os.Stdin.Fd())) {
		return errors.New("there is no terminal; test/demo --script plays a fixed dialogue")
	}
	// Interrupted, it cleans up all the same.
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)

	dir, remove, err := fixture.Dir("demo")
	if err != nil {
		return err
	}
	defer remove()
	fmt.Println("building opsh, and starting MariaDB and a Rails application in", dir)
	place, err := fixture.Install(dir)
	if err != nil {
		return err
	}
	db, err := fixture.StartMariaDB(filepath.Join(dir, "db"))
	if err != nil {
		return err
	}
	defer db.Stop()
	app := filepath.Join(dir, "app")
	if err := errors.Join(fixture.MakeRails(app), fixture.MakeSQL(dir)); err != nil {
		return err
	}
	if err := place.WritePolicy(fixture.Policy(place, db, app, "reason = \"required\"\nuids = \""+fixture.DemoUIDs+"\"")); err != nil {
		return err
	}
	agent := filepath.Join(dir, "agent")
	if err := os.Mkdir(agent, 0o700); err != nil {
		return err
	}
	o := rig.Options{Worker: place.Worker, Program: place.Opsh, Command: "opsh", Env: fixture.Env(db), Dir: agent}
	if scripted {
		return script(o)
	}
	return attend(o, interrupted)
}

// attend lets the person at this terminal be the client.
func attend(o rig.Options, interrupted <-chan os.Signal) error {
	fmt.Print(introduction)
	in := int(os.Stdin.Fd())
	cols, rows, err := term.GetSize(in)
	if err != nil {
		return err
	}
	o.Cols, o.Rows, o.Tee = uint16(cols), uint16(rows), os.Stdout
	state, err := term.MakeRaw(in)
	if err != nil {
		return err
	}
	defer term.Restore(in, state)
	s, err := rig.Start(o)
	if err != nil {
		return err
	}
	defer s.Stop()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := os.Stdin.Read(buf)
			if err != nil || s.Type(string(buf[:n])) != nil {
				return
			}
		}
	}()
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-resized:
				if cols, rows, err := term.GetSize(in); err == nil {
					s.Resize(uint16(cols), uint16(rows))
				}
			case <-interrupted:
				s.Kill()
			case <-ended:
				return
			}
		}
	}()
	end, err := s.Wait(24 * time.Hour)
	close(ended)
	term.Restore(in, state)
	if err != nil {
		return err
	}
	fmt.Printf("\nWhat ECS Exec would keep of it:\n\n%s\n", end.Log)
	return nil
}

// script plays the dialogue.
func script(o rig.Options) error {
	s, err := rig.Start(o)
	if err != nil {
		return err
	}
	defer s.Stop()
	const patience = time.Minute
	for _, turn := range []struct{ wait, say string }{
		{`reason \(ticket or incident, one line\): `, "INC-4711 注文が止まった\r"},
		{`prod> `, "mysql -t -e 'SELECT id, customer, state FROM orders' app_production\r"},
		{`佐藤花子`, ""},
		{`opsh: #1 \S+ exit 0 `, ""},
		{`prod> `, "mysql app_production -e 'SELECT 1'\r"},
		{`word 3, -e: options stand before DATABASE`, ""},
		{`try:   mysql -e 'SELECT 1' app_production`, ""},
		{`prod> `, "mysql app_production < stuck.sql\r"},
		{`opsh: #3 \S+ exit 0 `, ""},
		{`prod> `, "rails runner stuck.rb\r"},
		{`2 佐藤花子 ノート`, ""},
		{`opsh: #4 \S+ exit 0 `, ""},
		{`prod> `, "mysql app_production\r"},
		{`app_production\]> `, "\\! id\r"},
		{`app_production\]> `, "exit\r"},
		{`opsh: #5 \S+ exit 0 `, ""},
		{`prod> `, "help\r"},
		{`query the production database`, ""},
		{`prod> `, "exit\r"},
	} {
		if _, err := s.Expect(turn.wait, patience); err != nil {
			return err
		}
		if err := s.Type(turn.say); err != nil {
			return err
		}
	}
	end, err := s.Wait(patience)
	if err != nil {
		return err
	}
	fmt.Print(end.Log)
	if end.Exit != 0 || strings.Contains(end.Log, "uid=") || !strings.Contains(end.Log, "opsh: end 0 exit ") {
		return fmt.Errorf("the session ended with %d, or not as it should", end.Exit)
	}
	return nil
}

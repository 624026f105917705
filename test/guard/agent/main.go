// Agent stands for the three programs of ECS Exec's agent, and for the container's runtime that starts the first of them. Which one it is, its
// name says: amazon-ssm-agent starts ssm-agent-worker, which starts an ssm-session-worker for each session, and that starts what it is told.
// Each has several threads, as programs in Go do.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"

	"opsh/test/guard/order"
)

func main() {
	// Whoever starts one of these as a session's command gives it a last word that leaves a mark.
	if file, ok := strings.CutPrefix(os.Args[len(os.Args)-1], "mark:"); ok {
		os.WriteFile(file, nil, 0o600) //nolint:errcheck // then there is no mark
		return
	}
	for range 4 {
		started := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(started)
			select {}
		}()
		<-started
	}
	if err := be(filepath.Base(os.Args[0]), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, os.Args[0]+":", err)
		os.Exit(1)
	}
}

// be plays a part; arg is the socket that it listens at, or the session's id.
func be(name, arg string) error {
	switch name {
	case "runtime":
		return listen(arg, asRuntime)
	case "amazon-ssm-agent":
		if delay, err := time.ParseDuration(arg); err == nil {
			return early(delay, os.Args[2:])
		}
		for {
			cmd := exec.Command(filepath.Join(filepath.Dir(os.Args[0]), "ssm-agent-worker"), arg)
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			cmd.Run()                          //nolint:errcheck // the agent starts another
			time.Sleep(100 * time.Millisecond) // and not at once
		}
	case "ssm-agent-worker":
		return listen(arg, asWorker)
	case "ssm-session-worker":
		if arg == "early" {
			return exec.Command(os.Args[2], os.Args[3:]...).Run()
		}
		var o order.Order
		if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(serve(o))
	}
	return fmt.Errorf("cannot be %q", name)
}

// early is an agent that starts a session this long after its own start.
func early(delay time.Duration, argv []string) error {
	time.Sleep(delay)
	return exec.Command(filepath.Join(filepath.Dir(os.Args[0]), "ssm-session-worker"), append([]string{"early"}, argv...)...).Run()
}

func listen(socket string, do func(order.Order) order.Result) error {
	os.Remove(socket) //nolint:errcheck // of the one before
	l, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			var o order.Order
			if err := json.NewDecoder(c).Decode(&o); err == nil {
				json.NewEncoder(c).Encode(do(o)) //nolint:errcheck // who asked is gone
			}
		}()
	}
}

func failed(err error) order.Result { return order.Result{Err: err.Error(), Signal: -1} }

// asRuntime starts, signals and waits for what the container's runtime does from outside.
func asRuntime(o order.Order) order.Result {
	switch {
	case o.Signal != 0:
		if err := syscall.Kill(o.PID, syscall.Signal(o.Signal)); err != nil {
			return failed(err)
		}
		return order.Result{Signal: -1}
	default:
		cmd := exec.Command(o.Argv[0], o.Argv[1:]...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		start := time.Now()
		if err := cmd.Start(); err != nil {
			return failed(err)
		}
		if !o.Wait {
			go cmd.Wait() //nolint:errcheck // only that it is reaped
			return order.Result{PID: cmd.Process.Pid, Signal: -1}
		}
		return ended(cmd, start)
	}
}

// asWorker serves a session by a session worker of its own.
func asWorker(o order.Order) order.Result {
	text, err := json.Marshal(o)
	if err != nil {
		return failed(err)
	}
	cmd := exec.Command(filepath.Join(filepath.Dir(os.Args[0]), "ssm-session-worker"), o.Session)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(text), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return failed(err)
	}
	var r order.Result
	if err := json.Unmarshal(out, &r); err != nil {
		return failed(err)
	}
	return r
}

// longest is how long a command may run.
const longest = 20 * time.Second

// serve starts a session's command and keeps what it says.
func serve(o order.Order) order.Result {
	if o.Bytes > 0 {
		return relay(o.Bytes, o.Paced)
	}
	dir := filepath.Join("/var/lib/amazon/ssm/ecs:prod_0a1b_0a1b-1/session/orchestration", o.Session, "Standard_Stream")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return failed(err)
	}
	spool := filepath.Join(dir, "ipcTempFile.log")
	argv := o.Argv
	if len(argv) == 0 {
		argv = []string{"sh"}
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	if o.Path != "" {
		cmd.Path, cmd.Err = o.Path, nil
	}
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8")
	var out bytes.Buffer
	start := time.Now()
	var r order.Result
	if o.Plain {
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			return failed(err)
		}
		r = ended(cmd, start)
	} else {
		master, err := pty.Start(cmd)
		if err != nil {
			return failed(err)
		}
		pumped := make(chan struct{})
		go func() {
			defer close(pumped)
			io.Copy(&out, master) //nolint:errcheck // a terminal's end is an error
		}()
		io.WriteString(master, o.Input) //nolint:errcheck // nobody may read it
		r = ended(cmd, start)
		select {
		case <-pumped:
		case <-time.After(time.Second):
		}
		master.Close()
		<-pumped
	}
	r.Output = out.String()
	if o.Transcript {
		if err := os.WriteFile(spool, out.Bytes(), 0o600); err != nil {
			return failed(err)
		}
		log := filepath.Join(dir, o.Session+".log")
		cmd := exec.Command("script", log, "-c", "cat "+spool)
		cmd.Env = append(os.Environ(), "TERM=xterm-256color")
		cmd.Run()                   //nolint:errcheck // the agent doesn't look either
		text, _ := os.ReadFile(log) //nolint:errcheck // then it is empty
		r.Log = string(text)
	}
	os.RemoveAll(filepath.Dir(dir)) //nolint:errcheck // the container goes, too
	return r
}

// ended waits for a command.
func ended(cmd *exec.Cmd, start time.Time) order.Result {
	r := order.Result{PID: cmd.Process.Pid, Signal: -1}
	timer := time.AfterFunc(longest, func() { cmd.Process.Kill() })
	cmd.Wait() //nolint:errcheck // ProcessState has it
	r.Late = !timer.Stop()
	r.Took = time.Since(start)
	ws := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if r.Exit = ws.ExitStatus(); ws.Signaled() {
		r.Signal = int(ws.Signal())
	}
	return r
}

// relay moves bytes through a terminal as the agent does for its client, and times it.
func relay(size int, paced bool) order.Result {
	master, slave, err := pty.Open()
	if err != nil {
		return failed(err)
	}
	defer master.Close()
	start := time.Now()
	go func() {
		piece := bytes.Repeat([]byte("0123456789abcdef"), 256)
		for n := 0; n < size; n += len(piece) {
			slave.Write(piece) //nolint:errcheck // the reader would not get it all
		}
		slave.Close()
	}()
	buf := make([]byte, 1024)
	got := 0
	for got < size {
		n, err := master.Read(buf)
		if err != nil {
			return failed(err)
		}
		got += n
		if paced {
			time.Sleep(time.Millisecond)
		}
	}
	return order.Result{Signal: -1, Took: time.Since(start)}
}

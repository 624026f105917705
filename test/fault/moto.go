package fault

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// installed is where test/lib/machine.sh puts moto when the machine has none on PATH.
const installed = "/opt/opsh-test/moto/bin"

// Moto is moto's server on 127.0.0.1: many AWS APIs in one process's memory, CloudWatch Logs among them.
type Moto struct {
	URL string

	pid  int
	said *tail
	done chan struct{} // closed when the process has ended
}

// shared is the test binary's one server. It is state of the package because what it stands for, a process, is as well.
var shared struct {
	once sync.Once
	moto *Moto
	err  error
}

// StartMoto starts a server of the test's own, waits until it answers, and ends it with the test.
func StartMoto(t testing.TB) *Moto {
	t.Helper()
	m, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.kill)
	return m
}

// Shared is the test binary's one server, started by whoever asks first. It ends with the binary. Tests that run side by side
// need log groups of their own, and must not Reset it.
func Shared(t testing.TB) *Moto {
	t.Helper()
	shared.once.Do(func() { shared.moto, shared.err = start() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.moto
}

// Reset makes the server forget everything.
func (m *Moto) Reset() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return call(ctx, http.MethodPost, m.URL+"/moto-api/reset")
}

// Start is StartMoto outside a test. Whoever calls it calls Stop.
func Start() (*Moto, error) { return start() }

// Stop ends the server.
func (m *Moto) Stop() { m.kill() }

// start tries again: between the choice of the port and the server's own bind somebody else may take it.
func start() (*Moto, error) {
	program, err := exec.LookPath("moto_server")
	if err != nil {
		if program, err = exec.LookPath(filepath.Join(installed, "moto_server")); err != nil {
			return nil, fmt.Errorf("cannot find moto_server, neither on PATH nor in %s: test/run installs it", installed)
		}
	}
	for range 3 {
		var m *Moto
		if m, err = startOn(program); err == nil {
			return m, nil
		}
	}
	return nil, err
}

func startOn(program string) (*Moto, error) {
	l, err := listen()
	if err != nil {
		return nil, err
	}
	address := l.Addr().(*net.TCPAddr)
	l.Close() //nolint:errcheck // nothing was sent
	m := &Moto{URL: "http://" + address.String(), said: &tail{}, done: make(chan struct{})}
	cmd := exec.Command(program, "-H", "127.0.0.1", "-p", fmt.Sprint(address.Port))
	cmd.Stdout, cmd.Stderr = m.said, m.said
	// A group of its own, so that all of it can be ended: where moto_server is a wrapper, it may have started the server. And the
	// server must not outlive the test, however that ends.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = 5 * time.Second
	started := make(chan error)
	go func() {
		// Pdeathsig comes when the thread ends that started the process, not the program: this one waits as long.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait() //nolint:errcheck // it is killed; what it said tells more
			close(m.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", program, err)
	}
	m.pid = cmd.Process.Pid
	if err := m.await(time.Minute); err != nil {
		m.kill()
		return nil, err
	}
	return m, nil
}

func (m *Moto) await(atMost time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	for {
		err := call(ctx, http.MethodGet, m.URL+"/moto-api/")
		select {
		case <-m.done: // asked first: what answered may have been somebody else
			return fmt.Errorf("cannot start moto_server, it said:\n%s", m.said)
		case <-ctx.Done():
			return fmt.Errorf("cannot reach moto_server: %w; it said:\n%s", err, m.said)
		case <-time.After(20 * time.Millisecond):
			if err == nil {
				return nil
			}
		}
	}
}

// kill ends the server's process group. A pid of 1 or less would be everything that we may signal.
func (m *Moto) kill() {
	select {
	case <-m.done:
		return // its pid may be somebody else's by now
	default:
	}
	if m.pid > 1 {
		syscall.Kill(-m.pid, syscall.SIGKILL) //nolint:errcheck // it may have ended by itself
		<-m.done
	}
}

// call makes a request that is about its status alone.
func call(ctx context.Context, method, url string) error {
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	answer.Body.Close() //nolint:errcheck // nothing was read
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("cannot %s %s: %s", method, url, answer.Status)
	}
	return nil
}

// tail keeps the last of what a process said.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - 4<<10; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

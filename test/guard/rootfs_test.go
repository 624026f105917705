package guard

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rootfs is a container's file system as a tar archive. Everything in it is root's.
type rootfs struct {
	w   *tar.Writer
	has map[string]bool
}

func (r *rootfs) dirs(name string) error {
	dir := filepath.Dir(name)
	if dir == "." || dir == "/" || r.has[dir] {
		return nil
	}
	if err := r.dirs(dir); err != nil {
		return err
	}
	r.has[dir] = true
	return r.w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755})
}

func (r *rootfs) put(name string, mode int64, content []byte) error {
	name = strings.TrimPrefix(name, "/")
	if r.has[name] {
		return nil
	}
	r.has[name] = true
	if err := r.dirs(name); err != nil {
		return err
	}
	if err := r.w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(content))}); err != nil {
		return err
	}
	_, err := r.w.Write(content)
	return err
}

func (r *rootfs) link(name, to string, typ byte) error {
	name = strings.TrimPrefix(name, "/")
	if r.has[name] {
		return nil
	}
	r.has[name] = true
	if err := r.dirs(name); err != nil {
		return err
	}
	return r.w.WriteHeader(&tar.Header{Typeflag: typ, Name: name, Linkname: to, Mode: 0o755})
}

// copy takes a file of this machine's, under the name that it is looked for.
func (r *rootfs) copy(name, from string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return r.put(name, 0o755, content)
}

// program takes a program of this machine's with all that it is linked to.
func (r *rootfs) program(name string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		return err
	}
	for _, as := range []string{"/usr/bin/", "/bin/"} {
		if err := r.copy(as+name, path); err != nil {
			return err
		}
	}
	out, err := exec.Command("ldd", path).Output()
	if err != nil {
		return fmt.Errorf("ldd %s: %w", path, err)
	}
	for _, lib := range regexp.MustCompile(`/\S+`).FindAllString(string(out), -1) {
		if err := r.copy(lib, lib); err != nil {
			return err
		}
	}
	return nil
}

// interpreter is the machine's ld.so.
func interpreter() (string, error) {
	f, err := elf.Open("/bin/cat")
	if err != nil {
		return "", err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			text, err := io.ReadAll(p.Open())
			return strings.TrimRight(string(text), "\x00"), err
		}
	}
	return "", fmt.Errorf("/bin/cat has no interpreter")
}

// mark is a program whose first instructions make the file that its first argument names. It has no library and no start-up code: if it runs at
// all the file is there.
func mark() ([]byte, error) {
	code, machine := []byte(nil), elf.EM_X86_64
	switch runtime.GOARCH {
	case "amd64":
		code = []byte{
			0x48, 0x8b, 0x7c, 0x24, 0x10, // mov rdi, [rsp+16]: argv[1]
			0xbe, 0x41, 0, 0, 0, // mov esi, O_WRONLY|O_CREAT
			0xba, 0x80, 0x01, 0, 0, // mov edx, 0600
			0xb8, 2, 0, 0, 0, // mov eax, open
			0x0f, 0x05, // syscall
			0x31, 0xff, // xor edi, edi
			0xb8, 60, 0, 0, 0, // mov eax, exit
			0x0f, 0x05,
		}
	case "arm64":
		machine = elf.EM_AARCH64
		for _, word := range []uint32{
			0xf9400be1, // ldr x1, [sp, #16]
			0x92800c60, // mov x0, AT_FDCWD
			0xd2800822, // mov x2, O_WRONLY|O_CREAT
			0xd2803003, // mov x3, 0600
			0xd2800708, // mov x8, openat
			0xd4000001, // svc
			0xd2800000, // mov x0, 0
			0xd2800ba8, // mov x8, exit
			0xd4000001,
		} {
			code = binary.LittleEndian.AppendUint32(code, word)
		}
	default:
		return nil, fmt.Errorf("no code for %s", runtime.GOARCH)
	}
	const base, head = 0x400000, 64 + 56
	size := uint64(head + len(code))
	var b bytes.Buffer
	for _, part := range []any{
		elf.Header64{
			Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1},
			Type:  uint16(elf.ET_EXEC), Machine: uint16(machine), Version: 1, Entry: base + head, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1,
		},
		elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X), Vaddr: base, Paddr: base, Filesz: size, Memsz: size, Align: 0x1000},
		code,
	} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

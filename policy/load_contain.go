package policy

import (
	"net/netip"
	"strconv"
	"strings"
)

const (
	kib = int64(1) << 10
	mib = kib << 10
	gib = mib << 10
)

// containment reads limits, files, connect and landlock.
func (l *loader) containment(t *Tool, n *tomlNode) {
	t.Limits = l.limits(l.subtable(n, "limits"))
	t.Access = l.access(l.subtable(n, "files"))
	if m := n.table["connect"]; m != nil {
		t.ConnectOnly, t.Connect = true, l.connect(m)
	}
	t.Landlock = LandlockRequire
	m := n.table["landlock"]
	if m == nil {
		return
	}
	if text, ok := l.text(m, "landlock"); ok {
		t.Landlock = Landlock(text)
		switch t.Landlock {
		case LandlockRequire, LandlockBestEffort, LandlockOff:
		default:
			l.fail(m.pos, hintForWord(m, "require", "best-effort", "off"), "cannot use landlock = %s: there is no such value", quoted(text))
		}
	}
	if n.table["files"] == nil && n.table["connect"] == nil {
		l.absent(m.key, "remove it, or write files or connect", "cannot use landlock: this tool has neither files nor connect")
	}
}

// limits reads a tool's limits; t is nil where it has none. The bounds are there for typing mistakes: below
// the lowest no tool starts, above the highest nothing is limited.
func (l *loader) limits(t *tomlNode) Limits {
	if t == nil {
		t = newTable(originParent, Pos{1, 1}, Pos{1, 1})
	}
	l.checkKeys(t, "limits", limitsKeys)
	return Limits{
		Processes: l.count(t, "processes", 512, 1, 32768),
		Memory:    l.size(t, "memory", 4*gib, 16*mib, "16MiB"),
		CPU:       l.duration(t, "cpu", 0),
		OpenFiles: l.count(t, "open_files", 1024, 16, 1<<20),
		Output:    l.size(t, "output", gib, 1000, "1kB"),
	}
}

// count is a whole number.
func (l *loader) count(t *tomlNode, key string, otherwise, least, most int64) int {
	n := t.table[key]
	if n == nil || !l.is(n, kindInt, key) {
		return int(otherwise)
	}
	if n.num < least {
		l.fail(n.pos, "write "+strconv.FormatInt(least, 10)+" or more", "cannot use %s = %d: no tool runs with so few", key, n.num)
	} else if n.num > most {
		l.fail(n.pos, "write "+strconv.FormatInt(most, 10)+" or less", "cannot use %s = %d: that limits nothing", key, n.num)
	}
	return int(max(least, min(n.num, most)))
}

// sizeText is how sizes are written. "512M" is left out: some mean 1000 by it, and some 1024.
var sizeText = late(`^(0|[1-9][0-9]*)(kB|MB|GB|KiB|MiB|GiB)$`)

const mostSize = "1024GiB"

// size is a number of bytes.
func (l *loader) size(t *tomlNode, key string, otherwise, least int64, leastText string) int64 {
	const most = 1024 * gib
	n := t.table[key]
	if n == nil {
		return otherwise
	}
	if n.kind != kindString {
		l.fail(n.pos, sizeHint, "cannot use %s: it must be a string, not %s", key, n.kind)
		return otherwise
	}
	s, ok := l.text(n, key)
	if !ok {
		return otherwise
	}
	m := sizeText.FindStringSubmatch(s)
	if m == nil {
		l.fail(n.pos, hintForSize(s), "cannot use %s = %s: it isn't a size", key, quoted(s))
		return otherwise
	}
	unit := map[string]int64{"kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": kib, "MiB": mib, "GiB": gib}[m[2]]
	num, err := strconv.ParseInt(m[1], 10, 64)
	switch {
	case err != nil || num > most/unit:
		l.fail(n.pos, `write "`+mostSize+`" or less`, "cannot use %s = %s: that limits nothing", key, quoted(s))
		return otherwise
	case num*unit < least:
		l.fail(n.pos, `write "`+leastText+`" or more`, "cannot use %s = %s: no tool runs with so little", key, quoted(s))
	}
	return num * unit
}

// access reads files; n is nil where a tool has none. An empty one means nothing but what every program needs.
func (l *loader) access(n *tomlNode) *Access {
	if n == nil {
		return nil
	}
	l.checkKeys(n, "files", filesKeys)
	a := &Access{at: map[string]Pos{}}
	read := func(key string, refuse func(item *tomlNode, p string) bool) (paths []string) {
		m := n.table[key]
		if m == nil {
			return nil
		}
		l.texts(m, "files."+key, maxHeld, func(item *tomlNode) {
			if p, ok := l.absolute(item, "a path of files."+key); ok && !refuse(item, p) {
				paths = append(paths, p)
				a.at[p] = item.pos
			}
		})
		return paths
	}
	a.Write = read("write", func(item *tomlNode, p string) bool {
		if p == "/" {
			l.fail(item.pos, "list the directories that the tool must write to", `cannot list "/" in files.write: it would hold the tool back from nothing`)
		}
		return p == "/"
	})
	a.Read = read("read", func(item *tomlNode, p string) bool {
		_, written := a.at[p]
		if written {
			l.fail(item.pos, "remove it here", "cannot list %s in files.read: files.write lists it, and what may be written may be read", quoted(p))
		}
		return written
	})
	return a
}

// connect reads the places that a tool may connect to. An empty list is the strictest one.
func (l *loader) connect(n *tomlNode) []Endpoint {
	if n.kind == kindList && len(n.items) == 0 {
		return nil
	}
	var all []Endpoint
	l.texts(n, "connect", maxHeld, func(item *tomlNode) {
		e, why := parseEndpoint(item.str)
		if why != "" {
			l.fail(item.pos, hintForEndpoint(item.str), "cannot connect to %s: %s", quoted(item.str), why)
			return
		}
		all = append(all, e)
	})
	return all
}

var (
	hostName = upTo(253, `^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)
	portText = late(`^[1-9][0-9]{0,4}$`)
	ipv4Like = late(`(^|\.)[0-9]+$`)
)

// parseEndpoint reads HOST:PORT, and says why it can't. Each place has one spelling, so that none is listed
// twice without being seen.
func parseEndpoint(s string) (e Endpoint, why string) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return e, "its port is missing"
	}
	host, port := s[:i], s[i+1:]
	num, err := strconv.ParseUint(port, 10, 16)
	if err != nil || !portText.MatchString(port) {
		return e, "its port is no number from 1 to 65535"
	}
	e = Endpoint{Host: host, Port: uint16(num)}
	inner, v6 := strings.CutPrefix(host, "[")
	if v6 {
		e.Host = strings.TrimSuffix(inner, "]")
	}
	addr, err := netip.ParseAddr(e.Host)
	switch {
	case v6 && (err != nil || !addr.Is6() || addr.Zone() != "" || "["+e.Host+"]" != host):
		return e, "there is no such address in brackets"
	case v6 && addr.String() != e.Host:
		return e, "the address is written [" + addr.String() + "]"
	case v6 || err == nil && addr.Is4():
	case err == nil || strings.Contains(host, ":"):
		return e, "an address with colons stands in brackets"
	case ipv4Like.MatchString(host):
		return e, "there is no such address"
	case strings.ToLower(host) != host:
		return e, "hosts are written in lower case"
	case !hostName.MatchString(host):
		return e, "it doesn't begin with a host's name or address"
	}
	return e, ""
}

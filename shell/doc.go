// Package shell is opsh: the restricted login shell of an ops container. The flow of a line is in shell.go, and nothing else starts a tool.
//
//	raw line -> line.Split -> policy.Decide -> policy.Bind -> trail.Append(run) -> echo -> acknowledged -> launch -> trail.Append(exit) -> echo
//
// # Who attacks
//
// The operator at opsh's prompt, who wants to run what the policy doesn't list, or to run it unseen. The operator at the prompt of a
// permitted tool (mysql's \! and \P, an editor, a pager), who wants that tool to become a shell. The operator with
// arbitrary code in a permitted tool (Ruby in a reviewed script's bug). A tool gone bad by itself.
//
// opsh assumes that root's agent started it and that the image's root-owned files are as they were built. Who can start
// something else than opsh in the container is root and out of opsh's reach. Three things around it keep them from that: the guard, which ends
// whatever else ECS Exec's agent starts (package guard); the broker, which alone may use ECS Exec and always says opsh; and
// detection, which tells of every other command some minutes later. opsh starts only where the guard is on, unless the policy says session.guard = "off":
// then whoever may use ECS Exec may start a shell, and nothing here holds them.
//
// # What stops what
//
//   - Another command, another argument, a shell's syntax: line.Split interprets nothing and refuses what a shell would interpret;
//     Decide matches whole words against usage lines and denies by default. What was split is what is executed; no shell is in between.
//   - A file that isn't what it was when it was checked: Bind opens or identifies every file, and all of them lie where only root
//     may write, from / down. Input files are copied into sealed memory first.
//   - A runbook that nobody else has read: a tool whose policy has an approval runs only from a runbook that was signed by enough of the
//     policy's keys. The signatures are over the runbook's hash, the cluster and service (which ECS's metadata address tells, not the
//     environment), an expiry and a number that the log group takes once.
//   - The environment: a tool's is built from nothing; opsh's own steers nothing but its terminal type and what the policy passes by name.
//   - A tool that starts a shell: a seccomp filter lets one execve through, the one that has a key of 192 bits in registers that execve
//     ignores; every other is asked about, recorded and denied (exec = "none"). Where a tool may start programs, opsh traces all of its threads: the kernel
//     stops each at an exec before the new program's first instruction, and what is mapped by then is compared with the list
//     (exec = [...]) or recorded (exec = "any"). No name is trusted: the time between a look and a use is the attacker's. See package contain.
//   - A tool that becomes something else without an exec of its own, through a 32-bit call, a namespace, io_uring, ptrace, another process's memory: the
//     same filter denies these calls always, and the attempt is recorded.
//   - A tool that reaches for opsh or another session: another uid for each session, no capabilities, no_new_privs; opsh isn't dumpable; the
//     operator's terminal is never the tool's, so that nothing can be pushed into it and no mode of it outlasts the tool. A uid that any other
//     process has is not used: /proc/PID/environ of an application holds the production secrets.
//   - A tool that uses up the machine: limits on processes, memory, open files, file size, output and time; when memory runs out the
//     kernel ends the tool first.
//   - A tool that reads and writes what its uid may but its work doesn't need: Landlock, where the policy says files or connect.
//     What a kernel can't hold a tool to is a refusal, or, where the policy is content with best-effort, a word in the record.
//   - Running unseen: the record is on disk before the tool starts, and echoed before the tool's first output; under when_down = "refuse" it
//     is acknowledged by CloudWatch Logs before too. No record, no run. Records of what a running tool tries are on disk before it goes on.
//   - Changing what was recorded: each record is chained to the one before and signed by a key that only opsh and its watcher have had, in
//     memory; the session log that ECS Exec keeps elsewhere shows the head of each hash. A record that is changed, removed, repeated or moved breaks the
//     chain; cutting off the tail leaves a trail without its end; writing all of it anew needs another key, and doesn't fit the log.
//   - Secrets that show: opsh fetches them when a command first needs them and keeps them in memory only; a tool gets its own in a sealed file in
//     memory, owned by its uid, or in its environment, never in an argument. What opsh shows and records of a command, an error or a denied call
//     is redacted, and so is what tools print: as it is and in the common encodings (package redact), wherever reads cut it. In output that
//     is best effort. The end of what was printed is held back for 20 ms whether it looks like a secret or not: who types at a tool's prompt would
//     else see by the delay of the echo that a letter was right, and find a secret letter by letter. Who guesses a secret whole does see it replaced.
//     A refusal of a line that holds a secret doesn't explain itself. What is typed at opsh's prompt shows while it is typed.
//   - Showing or typing what nobody sees afterwards: what goes to the terminal is recorded before it is shown, and what is typed to a tool, where the tool
//     shows it. The trail holds how long the recording was at each command's end, and its SHA-256: a recording that is changed or cut differs
//     from there on. When it can't be written the running tool is ended, and nothing runs any more. A password prompt (echo off in line mode) is recorded
//     as such, without text or length. Under recordings = "off" there is none; the first record and the greeting say so.
//   - Leading the records elsewhere: region and group are the policy's; the client reads no environment, no configuration and no proxy; the
//     processes that speak to AWS (opsh-watch) have an empty environment. The task role's credentials and AWS's library are in their memory alone, not in that
//     of the opsh that a session talks to. None of them can be dumped or looked into, and no tool is their child.
//   - Starting something else than opsh through ECS Exec: the guard kills it before its first instruction, and records it. It runs as the
//     container's first process, which nobody in the container can stop.
//   - Losing records with the session: the watcher ships them, and outlives opsh; what a watcher left is shipped by the guard's recorder, or the next session's
//     watcher.
//   - Outliving the session: everything of the session's uid is ended after each command, and by the watcher when opsh is killed. The kernel
//     ends the tool's first process, and all that is traced, with opsh.
//   - Forged lines: a tool can print what it likes, also lines that look like opsh's. Each of opsh's carries the head of its record's
//     hash; only the trail tells which are real. Whoever needs the status gives opsh -s a nonce, and believes only
//     an end line whose mac is HMAC-SHA256, keyed with the nonce's characters, of "STATUS CATEGORY HASH" as that line shows them.
//
// # What nothing here stops
//
// Code inside the tool itself, be it an interpreter that maps a program by hand without execve (an ELF loader in Ruby has run
// busybox): it has the tool's uid, files, network and credentials, and no more. The network: connect holds a tool to TCP ports, not to hosts, and
// leaves UDP and Unix sockets alone. What files a tool may ask about
// (stat) and change the mode of: Landlock holds opening, making and removing only. The files that the tool's uid may read and write, where files doesn't say otherwise. The
// credentials it was given; and it can print those in a way that no redaction knows: SELECT REVERSE(…), or one letter a second. What SQL does is decided by the database user's rights. A tool with exec = "any" can be a shell; every program it starts is
// recorded, what such a program does by itself isn't. Memory that many processes fill together, or files in memory (memfd, /dev/shm): limits.memory bounds each process's
// address space, the container's own limit the rest. Files that a tool
// leaves elsewhere than in /tmp, /var/tmp and /dev/shm, where they are removed, reach a later session that gets this uid.
//
// share_uid = true: sessions that run the tool at the same time can read and end each other's. same_user = true, where opsh isn't root: a tool can end
// opsh, read and change the trail, and outlive the session; only the filter and the tracer hold it. Both say so in opsh -t and in the greeting.
//
// A tool that masks what is typed by itself, in no mode that a terminal knows, has it recorded; and one that echoes a password has it shown. What is shown after a
// command's end is vouched for with the next record only, and the last 20 ms before opsh is killed may be missing. Recordings aren't acknowledged
// before anything runs: a lost machine loses the last seconds of them.
//
// What a machine that is lost had not shipped is lost: under "refuse" that is the ends of commands, what their tools tried, and refusals; under "spool"
// it may be all of the session. Whoever is root in the container can write a trail of their own, with a key of their own, and ship it under
// the task's role; what they can't change is what had been acknowledged before, and the session log.
package shell

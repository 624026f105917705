// Package shell is opsh: the restricted login shell of an ops container. The flow of a line is in shell.go, and nothing else starts a tool.
//
//	raw line -> line.Split -> policy.Decide -> policy.Bind -> trail.Append(run) -> echo -> launch -> trail.Append(exit) -> echo
//
// # Who attacks
//
// The operator at opsh's prompt, who wants to run what the policy doesn't list, or to run it unseen. The operator at the prompt of a
// permitted tool (mysql's \! and \P, an editor, a pager), who wants that tool to become a shell. The operator with
// arbitrary code in a permitted tool (Ruby in a reviewed script's bug). A tool gone bad by itself.
//
// opsh assumes that root's agent started it and that the image's root-owned files are as they were built. Who can start
// something else than opsh in the container is root and out of opsh's reach: what keeps them from it lies around opsh.
//
// # What stops what
//
//   - Another command, another argument, a shell's syntax: line.Split interprets nothing and refuses what a shell would interpret;
//     Decide matches whole words against usage lines and denies by default. What was split is what is executed; no shell is in between.
//   - A file that isn't what it was when it was checked: Bind opens or identifies every file, and all of them lie where only root
//     may write, from / down. Input files are copied into sealed memory first.
//   - The environment: a tool's is built from nothing; opsh's own steers nothing but its terminal type and what the policy passes by name.
//   - A tool that starts a shell: a seccomp filter (exec = "none") or a ptrace supervisor (exec = a list) in the kernel; see package contain.
//   - A tool that reaches for opsh: another uid, no capabilities, no_new_privs; opsh isn't dumpable; the operator's terminal is never
//     the tool's, so that nothing can be pushed into it and no mode of it outlasts the tool.
//   - Running unseen: the record is on disk before the tool starts, and echoed before the tool's first output. No record, no run.
//   - Outliving the session: everything of the session's uid is ended after each command, and by the watcher when opsh is killed.
//   - Forged lines: a tool can print what it likes, also lines that look like opsh's. Each of opsh's carries the head of its record's
//     hash; only the trail tells which are real. Whoever needs the status gives opsh -s a nonce, and believes only
//     an end line whose mac is HMAC-SHA256, keyed with the nonce's characters, of "STATUS CATEGORY HASH" as that line shows them.
//
// # What nothing here stops
//
// Code inside the tool itself, be it an interpreter that maps a program by hand without execve; the network; the files that the
// tool's uid may read and write; the credentials it was given. What SQL does is decided by the database user's rights. A tool with
// exec = "any" can be a shell. Tools that share a uid (share_uid = true) can read and end each other.
// What a machine that is lost had not shipped is lost.
package shell

// Package guard holds the processes of ECS Exec's agent, so that of what they start nothing but opsh runs.
//
// IAM has no condition for the command that somebody executes: whoever may use ECS Exec on a container may start /bin/sh in it, as root. So the
// container's first process traces the agent and all that descends from it (ptrace). The kernel stops each thread at an exec, when the new program is
// mapped and none of its instructions has run; what is mapped is then compared by device and inode with what may run, and killed otherwise. No name is
// trusted that could lead elsewhere a moment later.
//
// # What may run
//
//   - The agent's own programs, started by amazon-ssm-agent or ssm-agent-worker. They are held like the others.
//   - opsh, started by a session worker itself: the file that was installed when the guard started, by its own path, called opsh, -opsh or by that path.
//     It is let go then: it traces its own tools, and a process has one tracer at most.
//   - What the agent makes a session's log with, after the session: script with exactly the agent's words, without a terminal, on this session's
//     own files; then its shell with exactly that command; then cat with exactly that file.
//
// # What stops what
//
//   - Another program, by any path or name, a script, ld.so, a copy of opsh, a chain through another program: it is killed before its first instruction,
//     with a line in the container's log and a record that names session and command.
//   - The file of opsh under another name or argv[0], which could make it act another part: the same.
//   - A start without a terminal: no rule asks for one, but for script, which must have none.
//   - A copy of the agent's process that is no program yet: it may become only what its original may start. A copy of a copy: nothing.
//   - An agent that starts later, again, or as a second one: it is held as soon as it runs (see find.go).
//   - A guard that is stopped: what execs waits for it. A guard that is killed: the kernel kills all that it holds. As the container's first process
//     it can be neither from inside.
//   - A guard that starts after the agent: it says so, in the log, the trail and the health check, and ends what the agent had started.
//
// # What is left
//
// The moment between an agent's start and its being held, which the kernel alone decides on a machine without a free core. No session worker starts in
// it: the guard has a lease on that program's file, and who opens it waits until the guard has looked (lease.go). Of 600 agents that started a session
// 10 ms after themselves, on two cores that 20 other processes wanted, none got anything through; without the lease it was one or two of 100. There is no
// lease while a session runs (an old agent's, when a new one comes), on a file system that has none, and after a guard was
// stopped for 45 s. A program that still runs when its agent is held is ended then, and it is said; one that has ended by then isn't seen. AWS's own
// agent has to reach AWS before it can serve a session, which takes far longer than any of this. Other containers that share the agent's
// files wait for the guard's answer, too: a millisecond, and 45 s at most where it is stopped.
//
// What a start costs: about 3 ms of a session's 9, since the kernel stops each thread that a session worker makes.
//
// What the agent does without a program: it can forward ports and copy files by itself, if a session of such a kind can be opened on it. ECS Exec
// opens none; ssm:StartSession on the task does, so the operators' role must not have it. Another way into the container than the agent (docker exec on an
// EC2 host, a command or a health check in the task definition) isn't the guard's matter. Whoever is root in the container by another way can
// do all that root can, but not stop the first process. Where the task shares its process namespace (pidMode), the guard isn't the first process, and
// opsh doesn't start.
package guard

// Package try is a session under a policy that is being written, on any machine: each line is split and decided as opsh does it, and what opsh
// would do is said. Nothing is run and nothing is recorded. What is said can't be taken for records: no line begins with opsh.
//
// What the words don't decide isn't known here: whether programs, users and secrets are there, who owns a file, what the container's kernel can
// do, and for how long a session may last. Files that an operator names are looked at in an Image, where there is one.
package try

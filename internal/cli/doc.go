// Package cli holds what the programs hotcell, hotcell-attack and hotcell-bench
// share on the command line.
//
//   - exit.go: exit statuses, and errors that carry one
//   - hint.go: what the user can do about an error, and how errors are printed
//   - refused.go: the exit status and the hint for a refusal of a server
//   - command.go: Main, which runs a program's commands
//   - page.go: where the user finds a page of the documentation
//   - help.go: the help that "help" and --help print
//   - man.go: man pages
//   - complete.go: what shells offer when a command line is completed
//   - input.go: arguments, files and the client's key
//   - signals.go: SIGTERM and SIGINT as contexts, SIGPIPE
//   - log.go: the log on standard error
//   - processors.go: processors that are left to scripts
//   - again_linux.go: what only a program that executes itself again can change
//   - collector.go: how often the garbage collector runs
//   - version.go: the program's version
//
// Standard output is for results and for help that was asked for. Everything
// else goes to standard error. An error is printed as lines that begin with
// "hotcell: ", and a line "hint: " follows where there is something to do about
// it.
package cli

// Package snekbox answers as snekbox does, which evaluates Python for a chat's bot.
//
//	snekbox.go  the route
//	eval.go     what is to run, and which files come back
//	python.py   what runs it: Python's own command line, in a cell
package snekbox

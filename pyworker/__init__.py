"""The Python side of hotcell: what runs inside a jail.

init     pid 1 of a jail: reaps, and takes the jail with it when the zygote goes
zygote   imports and warms up, then forks a cell for each SPAWN
cell     isolates itself, says READY, and runs one script
script   runs a script as a module of its own and judges how it ended
terminal runs it on a terminal, or an interactive interpreter
results  turns what main returned into JSON
files    writes and collects the files of a request
fresh    gives a forked cell its own randomness
frames   the framing of protocol/PROTOCOL.md
linux    the system calls that Python has no name for

Nothing here runs outside a jail, and all of it runs beside hostile code: a
script can reach every object of its own cell. So nothing here protects the
service from a cell; the jail and the supervisor do. What the worker does is to
answer truthfully for every script that is not out to fool itself.
"""

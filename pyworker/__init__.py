"""The Python side of hotcell: what runs inside a jail.

init       pid 1 of a jail: reaps children, and ends the jail when the zygote exits

zygote     imports and warms up, then forks a cell for each SPAWN
loop       does so without Python, once the zygote has moved into a snapshot: calls_amd64.s
network    makes socket errors say that cells have no network
memory     lays out the zygote's memory so that forks are cheap
packing    places the code objects that every cell writes to side by side
processes  prepares multiprocessing
usage      lets psutil tell of a process what it can know of itself without /proc
imports    changes modules of libraries once they are loaded

cell       isolates itself, sends READY, and runs one script
system     tells a script of its cell: user, memory, processors
children   learns of the processes that Python starts, and reaps zombies that a script cannot know of
orphans    reaps them at once: its code is orphans_amd64.s
aborts     lets abort(3) end a cell by SIGABRT
landlock   restricts a cell with Landlock
installed  lists the packages of the environment, and which were asked for
fresh      gives a forked cell its own random numbers

files      writes and collects the files of a request
streams    opens the script's standard streams
printing   keeps what is printed in memory that outlives the cell: its code is printing_amd64.s
interrupt  interrupts a session's call, and nothing else
script     runs a script as a module of its own and determines how it ended
program    runs a script as `python script.py` does
visit      lets a session go on after a program
notebook   runs a script as a notebook's cell, without IPython; shell does it with IPython
terminal   runs a script, or an interactive interpreter, on a terminal
module     the script's module and file, and the files that it leaves open

outputs    sends what a script shows, while it runs
bundles    turns objects into bundles of MIME types
showing    makes libraries that open windows show here

hooks      removes what a script may have installed to run after it
errors     describes how a script failed
results    converts what main returned to JSON; results_types knows Python's types and
           interfaces, results_pandas numpy's and pandas', results_unfit why one has no form
names      names of collected files that mean the same on every system
transfer   files of a session, between its calls

frames     the framing of protocol/PROTOCOL.md
linux      system calls that Python does not provide

All of this runs inside a jail, beside hostile code: a script can reach every
object of its own cell. So the worker does not protect the service from a cell;
the jail and the supervisor do. The worker answers truthfully for every script
that does not try to fool its own answer.
"""

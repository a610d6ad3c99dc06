# tries: to break what lets a session go on after a program, with what the program leaves in its way
# session: the call after a program
# request: {"mode": "program"}
# expect: status ok|exception|exited
import atexit
import concurrent.futures.thread
import weakref


class Raises(type):
    def __getattribute__(cls, name):
        raise SystemExit(name)

    def __setattr__(cls, name, value):
        raise KeyboardInterrupt(name)


class Evil(metaclass=Raises):
    pass


weakref.finalize = Evil
concurrent.futures.thread._threads_queues = Evil
atexit._run_exitfuncs = atexit.register = atexit.unregister = None
sys.modules["multiprocessing.util"] = sys.modules["concurrent.futures.process"] = Evil
sys.modules["__main__"] = sys.modules["script"] = None
# --- then
# expect: result "fine"
"fine"

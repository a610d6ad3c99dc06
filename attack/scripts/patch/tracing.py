# tries: to trace and profile the worker, and to change what its frames hold
# expect: status ok, result "mine", stdout ""
# expect: status ok, result "mine", stdout contains "in _judge_function"
# expect: status ok, result null, stdout contains "in _judge_function"
# expect: status exception, error TypeError, result null, stdout contains "in _judge_function"
import threading


def spy(frame, event, arg):
    frame.f_trace_opcodes = True
    if "pyworker" in frame.f_code.co_filename:
        print("in", frame.f_code.co_name)
        for name in list(frame.f_locals):
            frame.f_locals[name] = None
    return spy


def main():
    threading.settrace(spy)
    threading.setprofile(spy)
    sys.setprofile(lambda *a: None)
    sys.settrace(spy)
    sys._getframe(1).f_trace = spy
    return "mine"

# tries: timers in the machine's single list that is walked whenever its clock is set (TFD_TIMER_CANCEL_ON_SET)
# expect: held EINVAL|EPERM|EMFILE|FEW
def main():
    spec = (ctypes.c_uint64 * 4)(0, 0, 1 << 33, 0)
    made, words = 0, set()
    while made < 2000:
        fd, error = call("timerfd_create", 0, 0)
        if error is None:
            error = call("timerfd_settime", fd, 3, ctypes.byref(spec), None)[1]
        if error:
            words.add(error)
            break
        made += 1
    return "held: " + " ".join(sorted(words | {"FEW"})) if made <= 256 else f"ESCAPED: {made} timers"

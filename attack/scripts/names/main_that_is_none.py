# tries: a main that is not a function, that is removed, and that is missing
# expect: refused no_main
main = 5
# --- then
# expect: refused no_main
def main():
    return 1


del main
# --- then
# expect: status ok, result {"called": "once"}
class Main:
    def __call__(self):
        self.__class__.__call__ = None
        return {"called": "once"}


main = Main()
# --- then
# expect: refused no_main
sys.modules["script"].__dict__.clear()

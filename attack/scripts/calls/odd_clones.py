# tries: clone with flags that tie a child to others: their parent, their I/O context, a tracer, handlers without their memory
# expect: held EPERM|EINVAL|ENOSYS
def main():
    def clone(flags):
        value, error = call("clone", flags, 0, 0, 0, 0)
        if value == 0:
            os._exit(0)
        return value, error

    kinds = {"PARENT": 0x8000, "IO": 0x80000000, "PTRACE": 0x2000, "UNTRACED": 0x800000, "SIGHAND alone": 0x800, "THREAD alone": 0x10000}
    return refused({name: lambda flag=flag: clone(flag | 17) for name, flag in kinds.items()})

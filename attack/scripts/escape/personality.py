# tries: to turn address randomisation off for what it starts, and to only ask
# expect: held EPERM|ENOSYS
def main():
    return refused({
        "ask": ["personality", 0xFFFFFFFF],
        "no randomisation": ["personality", 0x0040000],
        "read implies exec": ["personality", 0x0400000],
        "32 bit": ["personality", 8],
    })

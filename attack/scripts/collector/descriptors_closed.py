# tries: to close everything but the channel, and to come back with a result
# expect: status ok, result "deaf", stdout "last words\n"
# limits: wall_ms=10000
def main():
    print("last words")
    os.closerange(0, 3)
    return "deaf"

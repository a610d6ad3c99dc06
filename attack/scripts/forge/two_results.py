# tries: to answer twice and then a third time by returning: the first counts
# expect: status ok, result 1
# expect: error NoChannel
def main():
    channel(answer(b"1") + answer(b"2"))
    return 3

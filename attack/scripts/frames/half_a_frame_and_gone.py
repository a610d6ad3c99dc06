# tries: to start a frame and exit
# expect: status exited, exit 4, result null
# expect: error NoChannel
def main():
    channel(frame(9, b'{"status":"ok","error":null}\n"half', size=4096))
    os._exit(4)

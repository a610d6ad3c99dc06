# tries: to close the channel and live on
# expect: status timeout, limit wall, result null
# limits: wall_ms=400
def main():
    os.close(3)
    time.sleep(30)
# --- then
# expect: status exited, result null
# limits: wall_ms=10000
def main():
    os.close(3)
    return "to nobody"

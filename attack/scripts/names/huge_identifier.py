# tries: an undefined name of 300,000 characters, which the traceback would contain several times
# expect: status exception, error NameError, result null, not message contains "@"
# replace: @NAME@ "aé" 150000
def main():
    return @NAME@

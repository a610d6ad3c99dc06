# tries: a name of 300,000 characters that is not there, whose traceback would hold it several times
# expect: status exception, error NameError, result null, not message contains "@"
# replace: @NAME@ "aé" 150000
def main():
    return @NAME@

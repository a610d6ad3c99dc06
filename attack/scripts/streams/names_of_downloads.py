# tries: to have the name of a file become a header, a part of one, or a line of a list
# through: azure
# raw: it only makes files
# expect: http 200
for name in ("a\r\nX-Forged: yes", 'a"; filename="forged.html', "a;b", "a\nb", "\u202egpj.exe", "a\x85b", "a\x7fb"):
    open(name, "w").write("<script>")
# --- then
# send: GET /compat/azure/files?identifier=@RUN@
# expect: http 200, body contains "\"value\":[{", not body contains "\n\"", not body contains "\u202e", not body contains "\u0085", not body contains "\r"
# --- then
# send: GET /compat/azure/files/content/@NAME@?identifier=@RUN@
# each: @NAME@ "a%0d%0aX-Forged:%20yes" "a%22%3b%20filename=%22forged.html" "a%3bb" "a%0ab" "%e2%80%aegpj.exe"
# expect: http 200|400|404, not header lines "X-Forged.*", not header contains "forged", not header contains "text/html", header lines "X-Content-Type-Options: nosniff"

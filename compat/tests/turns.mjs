// An address that passes each request on to the next of some ports: `node turns.mjs PORT…` prints its own.
// It keeps clients' connections, as load balancers do: when an answer with `Connection: close` is cut off,
// Node's fetch takes it for a whole one.
import http from 'node:http'
import net from 'node:net'

const ports = process.argv.slice(2).map(Number)
const next = () => {
  ports.push(ports.shift())
  return ports.at(-1)
}
const heads = (message) => message.rawHeaders.flatMap((_, i, all) => (i % 2 ? [] : [[all[i], all[i + 1]]])).filter(([name]) => !/^(connection|keep-alive|transfer-encoding)$/i.test(name))

const server = http.createServer({ requestTimeout: 0 }, (request, answer) => {
  const headers = [...heads(request), ['Connection', 'close']]
  if (request.headers['transfer-encoding']) headers.push(['Transfer-Encoding', 'chunked'])
  const passed = http.request({ host: '127.0.0.1', port: next(), method: request.method, path: request.url, headers: headers.flat(), agent: false }, (got) => {
    answer.writeHead(got.statusCode, heads(got).flat())
    answer.flushHeaders()
    got.pipe(answer)
    got.on('error', () => answer.destroy())
  })
  passed.on('error', () => answer.destroy())
  answer.on('close', () => passed.destroy())
  request.pipe(passed)
})
server.on('upgrade', (request, client, first) => {
  const node = net.connect(next(), '127.0.0.1', () => {
    const lines = request.rawHeaders.flatMap((_, i, all) => (i % 2 ? [] : [`${all[i]}: ${all[i + 1]}\r\n`]))
    node.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`)
    node.write(first)
    node.pipe(client).pipe(node)
  })
  for (const [one, other] of [[node, client], [client, node]]) one.on('error', () => {}).on('close', () => other.destroy())
})
server.keepAliveTimeout = 0 // a client may use a connection again whenever it likes
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

// Package keys says who may use the service, and how much of it: keys, from the
// keys file, and whoever else shares it with them.
//
//	key.go         a key: what it may do
//	file.go        the keys file
//	ring.go        the keys in use, which follow the file's changes
//	credential.go  a key's secret, which may be taken away while something was opened with it
//	party.go       how much a key, an address, or everybody may have at a time
package keys

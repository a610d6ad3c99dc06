// Package keys decides who may use the service, and how much of it: keys from the
// keys file, and the parties that share the service.
//
//	key.go         what a key may do
//	file.go        parsing the keys file
//	list.go        lists the file's keys, and removes one from it
//	ring.go        the keys in use; follows changes of the file
//	credential.go  a secret of a key, and what ends when it is revoked
//	party.go       how much a key, an address, or everybody may have
package keys

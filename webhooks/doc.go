// Package webhooks tells a client's server that something has happened, by one POST as
// [Standard Webhooks] describes it, and only at addresses that the operator has named.
// It knows nothing of what happened, nor where deliveries are kept between attempts.
//
//   - allow.go: where webhooks may go, and that no name leads elsewhere
//   - url.go: what a client may give as an address
//   - secret.go: signatures
//   - delivery.go: the state of a delivery, which survives a restart, and when it is tried again
//   - sender.go: one attempt
//
// [Standard Webhooks]: https://www.standardwebhooks.com
package webhooks

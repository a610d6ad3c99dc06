// Package dify answers as dify-sandbox does, the service that runs the code and template
// nodes of Dify.
//
// Dify takes a script's result from what it prints, and fails with the text in data.error
// if there is any. It shows the message of an answer whose code is negative to its user,
// but only the number of an HTTP status other than 200: so refusals are sent with 200, as
// dify-sandbox sends most of them. Only a wrong key is 401, and an unknown address 404.
//
//	dify.go    the routes
//	answer.go  how a script ended, in dify-sandbox's words
package dify

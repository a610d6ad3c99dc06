package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/hotcell/hotcell/client"
)

// standIn is a server for the examples, which do not need jails.
func standIn(status int, kind, body string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, kind, status, body) }))
}

func ExampleClient_Execute() {
	server := standIn(200, "application/json", ran)
	defer server.Close()

	c, err := client.New(server.URL, client.Options{Retries: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := c.Execute(context.Background(), client.Request{Script: "def main(n):\n    return n * 2", Args: []any{21}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %s\n", answer.Status, answer.Result)
	// Output: ok: 42
}

func ExampleProblem() {
	server := standIn(400, "application/problem+json", refusal(client.CodeSyntaxError, 400))
	defer server.Close()

	c, err := client.New(server.URL, client.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = c.Execute(context.Background(), client.Request{Script: "def main("})
	var problem *client.Problem
	if errors.As(err, &problem) && problem.Code == client.CodeSyntaxError {
		fmt.Println("line", *problem.Err.Line)
	}
	// Output: line 3
}

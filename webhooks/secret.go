package webhooks

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const secretPrefix = "whsec_"

// Secret signs messages. While it is being replaced it has two parts, and a receiver
// that knows either of them accepts them.
type Secret struct{ parts []*standardwebhooks.Webhook }

// ParseSecret parses "whsec_" and the base64 of 24 to 64 random bytes, or several of
// them. The error does not repeat them.
func ParseSecret(texts ...string) (Secret, error) {
	var secret Secret
	for _, text := range texts {
		encoded, ok := strings.CutPrefix(text, secretPrefix)
		random, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(random) < 24 || len(random) > 64 {
			return Secret{}, errors.New(`must be "whsec_" and the base64 of 24 to 64 random bytes`)
		}
		part, err := standardwebhooks.NewWebhookRaw(random)
		if err != nil {
			return Secret{}, err
		}
		secret.parts = append(secret.parts, part)
	}
	return secret, nil
}

// sign returns the header webhook-signature.
func (s Secret) sign(id string, at time.Time, body []byte) (string, error) {
	var signatures []string
	for _, part := range s.parts {
		signature, err := part.Sign(id, at, body)
		if err != nil {
			return "", err
		}
		signatures = append(signatures, signature)
	}
	return strings.Join(signatures, " "), nil
}

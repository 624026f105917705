package standin

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// KMS encrypts the data channel with a key of moto's.
type KMS struct {
	Client *kms.Client
	KeyID  string
}

// cipherPair is the two directions' keys: halves of one that the client has generated.
type cipherPair struct{ in, out cipher.AEAD }

func newCipherPair(key []byte) (*cipherPair, error) {
	if len(key) != 64 {
		return nil, fmt.Errorf("the session's key has %d bytes", len(key))
	}
	var pair [2]cipher.AEAD
	for i := range pair {
		block, err := aes.NewCipher(key[32*i : 32*i+32])
		if err == nil {
			pair[i], err = cipher.NewGCM(block)
		}
		if err != nil {
			return nil, err
		}
	}
	return &cipherPair{out: pair[0], in: pair[1]}, nil
}

func (c *cipherPair) seal(plain []byte) []byte {
	nonce := make([]byte, c.out.NonceSize())
	rand.Read(nonce)
	return c.out.Seal(nonce, nonce, plain, nil)
}

func (c *cipherPair) open(sealed []byte) ([]byte, error) {
	n := c.in.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("a message is too short to be encrypted")
	}
	return c.in.Open(nil, sealed[:n], sealed[n:], nil)
}

type action struct {
	ActionType       string
	ActionParameters any
}

type handshakeResponse struct {
	ProcessedClientActions []struct {
		ActionType   string
		ActionStatus int
		ActionResult struct{ KMSCipherTextKey []byte }
		Error        string
	}
	Errors []string
}

// handshake is what the agent and the client agree on before anything is started.
func (s *Session) handshake() error {
	began := time.Now()
	actions := []action{}
	if s.service.KMS != nil {
		actions = append(actions, action{"KMSEncryption", map[string]string{"KMSKeyId": s.service.KMS.KeyID}})
	}
	actions = append(actions, action{"SessionType", map[string]any{"SessionType": "InteractiveCommands", "Properties": nil}})
	s.tell(payloadHandshakeRequest, map[string]any{"AgentVersion": "3.3.0.0", "RequestedClientActions": actions})
	var response handshakeResponse
	if err := s.agent.answer(payloadHandshakeResponse, &response); err != nil {
		return err
	}
	var key []byte
	for _, p := range response.ProcessedClientActions {
		if p.ActionStatus != 1 {
			return fmt.Errorf("%s failed on client with status %d error: %s", p.ActionType, p.ActionStatus, p.Error)
		}
		key = append(key, p.ActionResult.KMSCipherTextKey...)
	}
	if s.service.KMS != nil {
		if err := s.encrypt(key); err != nil {
			return err
		}
	}
	s.agent.mu.Lock()
	s.agent.shaken = true
	s.agent.mu.Unlock()
	s.tell(payloadHandshakeComplete, map[string]any{"HandshakeTimeToComplete": time.Since(began), "CustomerMessage": ""})
	return nil
}

// encrypt gets the client's key out of KMS, and has the client prove that it is the same.
func (s *Session) encrypt(sealed []byte) error {
	out, err := s.service.KMS.Client.Decrypt(context.Background(), &kms.DecryptInput{
		CiphertextBlob: sealed, EncryptionContext: map[string]string{"aws:ssm:SessionId": s.ID, "aws:ssm:TargetId": s.service.target()},
	})
	if err != nil {
		return err
	}
	pair, err := newCipherPair(out.Plaintext)
	if err != nil {
		return err
	}
	challenge := make([]byte, 64)
	rand.Read(challenge)
	s.tell(payloadChallenge, map[string][]byte{"Challenge": pair.seal(challenge)})
	var answer struct{ Challenge []byte }
	if err := s.agent.answer(payloadChallengeResponse, &answer); err != nil {
		return err
	}
	if plain, err := pair.open(answer.Challenge); err != nil || !bytes.Equal(plain, challenge) {
		return errors.New("the client has another key")
	}
	s.agent.mu.Lock()
	s.agent.cipher = pair
	s.agent.mu.Unlock()
	return nil
}

func (s *Session) tell(payload uint32, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // of strings and numbers
	}
	s.agent.say(payload, body)
}

package evidence

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Sample chooses n sessions, or all where there aren't more: those whose Draw with the seed is lowest. Who has the population and the seed
// draws the same ones. The result is in the population's order.
func Sample(sessions []*Session, seed string, n int) []*Session {
	drawn := slices.SortedStableFunc(slices.Values(sessions), func(a, b *Session) int {
		return cmp.Or(strings.Compare(Draw(seed, a.ID()), Draw(seed, b.ID())), strings.Compare(a.Place, b.Place))
	})
	drawn = drawn[:min(n, len(drawn))]
	var chosen []*Session
	for _, s := range sessions {
		if slices.Contains(drawn, s) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// Draw is the SHA-256, in hex, of the seed, a blank and the session's id: printf '%s %s' "$seed" "$id" | sha256sum.
func Draw(seed, id string) string {
	sum := sha256.Sum256([]byte(seed + " " + id))
	return hex.EncodeToString(sum[:])
}

package look

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"opsh/cmd/opsctl/internal/doctor"
)

// atOnce is how many questions IAM's simulator is asked at a time: it is slow, and throttled early.
const atOnce = 4

// answers asks the simulator all that the facts lead to.
func (l *Looker) answers(ctx context.Context, f doctor.Facts, given map[string]string) map[string]doctor.Fact[doctor.Decision] {
	all := map[string]doctor.Fact[doctor.Decision]{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	turn := make(chan struct{}, atOnce)
	for _, q := range doctor.Questions(f) {
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			a := l.answer(ctx, q, f, given)
			mu.Lock()
			defer mu.Unlock()
			all[q.Key] = a
		})
	}
	wg.Wait()
	return all
}

func (l *Looker) answer(ctx context.Context, q doctor.Question, f doctor.Facts, given map[string]string) doctor.Fact[doctor.Decision] {
	keys := map[string]string{ // of every call to AWS
		"aws:RequestedRegion": f.Region, "aws:SecureTransport": "true", "aws:ViaAWSService": "false", "aws:CurrentTime": l.Now().UTC().Format(time.RFC3339),
		"aws:EpochTime": fmt.Sprint(l.Now().Unix()), "aws:PrincipalArn": q.Principal, "aws:PrincipalAccount": f.Account, "aws:ResourceAccount": f.Account,
	}
	maps.Copy(keys, q.Context)
	maps.Copy(keys, given)
	in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &q.Principal, ActionNames: []string{q.Action}, ResourceArns: q.Resources}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		in.ContextEntries = append(in.ContextEntries, types.ContextEntry{ContextKeyName: &k, ContextKeyType: typeOf(k, keys[k]), ContextKeyValues: []string{keys[k]}})
	}
	d := doctor.Decision{Allowed: true}
	n := 0
	for p := iam.NewSimulatePrincipalPolicyPaginator(l.iam, in); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			unknown := unknown[doctor.Decision](l, err)
			var denied interface{ ErrorCode() string }
			if errors.As(err, &denied) && strings.HasPrefix(denied.ErrorCode(), "AccessDenied") {
				unknown.Fix = "allow iam:SimulatePrincipalPolicy on " + q.Principal + " (deploy/terraform: allow_doctor), or have somebody look who may, with --as " + f.Caller.Value.Principal
			}
			return unknown
		}
		for _, r := range page.EvaluationResults {
			n++
			add(&d, r.EvalDecision, r.MissingContextValues)
			for _, one := range r.ResourceSpecificResults {
				add(&d, one.EvalResourceDecision, one.MissingContextValues)
			}
		}
	}
	if n == 0 {
		return doctor.Unknown[doctor.Decision]("SimulatePrincipalPolicy: the service gave no decision", "")
	}
	return doctor.Known(d)
}

// add counts one resource's decision: a call goes only where all of its resources are allowed.
func add(d *doctor.Decision, decision types.PolicyEvaluationDecisionType, missing []string) {
	d.Allowed = d.Allowed && decision == types.PolicyEvaluationDecisionTypeAllowed
	d.Explicit = d.Explicit || decision == types.PolicyEvaluationDecisionTypeExplicitDeny
	for _, k := range missing {
		if !slices.Contains(d.Missing, k) {
			d.Missing = append(d.Missing, k)
		}
	}
}

// typeOf is a condition key's type.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func typeOf(key, value string) types.ContextKeyTypeEnum {
	switch {
	case value == "true" || value == "false":
		return types.ContextKeyTypeEnumBoolean
	case strings.EqualFold(key, "aws:SourceIp") || strings.EqualFold(key, "aws:VpcSourceIp"):
		return types.ContextKeyTypeEnumIp
	case strings.EqualFold(key, "aws:CurrentTime") || strings.EqualFold(key, "aws:TokenIssueTime"):
		return types.ContextKeyTypeEnumDate
	case strings.EqualFold(key, "aws:EpochTime") || strings.EqualFold(key, "aws:MultiFactorAuthAge"):
		return types.ContextKeyTypeEnumNumeric
	case strings.EqualFold(key, "kms:EncryptionContextKeys") || strings.EqualFold(key, "aws:TagKeys"):
		return types.ContextKeyTypeEnumStringList
	}
	return types.ContextKeyTypeEnumString
}

package cloudtrail

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// Lookup asks CloudTrail for the ExecuteCommand events of a time; it has those of the last 90 days. It answers two requests a second.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
func Lookup(ctx context.Context, config aws.Config, since, until time.Time) ([]Event, error) {
	pages := cloudtrail.NewLookupEventsPaginator(cloudtrail.NewFromConfig(config), &cloudtrail.LookupEventsInput{
		StartTime: &since, EndTime: &until,
		LookupAttributes: []types.LookupAttribute{{AttributeKey: types.LookupAttributeKeyEventName, AttributeValue: aws.String("ExecuteCommand")}},
	})
	var all []Event
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("cannot look up CloudTrail's events: %w", err)
		}
		for _, e := range page.Events {
			some, err := Read(strings.NewReader(aws.ToString(e.CloudTrailEvent)))
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	return all, nil
}

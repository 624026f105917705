// Opsh-broker is an AWS Lambda behind a function URL: the only principal with ecs:ExecuteCommand, and it starts opsh and nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"opsh/cmd/opsh-broker/internal/broker"
	"opsh/cmd/opsh-broker/internal/cloud"
	"opsh/cmd/opsh-broker/internal/config"
)

// configuration is the variable that holds the broker's configuration, as TOML. Terraform sets it.
const configuration = "OPSH_BROKER"

func main() {
	if err := run(os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "opsh-broker: error: %s\n", strings.ReplaceAll(err.Error(), "\n", "\nopsh-broker: error: "))
		os.Exit(125)
	}
}

// run serves requests, or with -t only checks the configuration.
func run(args []string, env func(string) string, out io.Writer) error {
	if len(args) > 1 || len(args) == 1 && args[0] != "-t" {
		return errors.New("cannot run: it takes -t, which checks the configuration in " + configuration + ", or nothing")
	}
	c, err := config.Parse(env(configuration))
	if err != nil {
		return err
	}
	if len(args) == 1 {
		_, err := fmt.Fprintf(out, "%s: %d rules, account %s\n", configuration, len(c.Rules), c.Account)
		return err
	}
	aws, err := awsconfig.LoadDefaultConfig(context.Background())
	if err != nil {
		return fmt.Errorf("cannot read the AWS configuration: %w", err)
	}
	lambda.Start(broker.New(c, aws.Region, cloud.New(aws, c.SessionRole), out, time.Now).Handle)
	return nil
}

package lint

// What talks to servers. In a task of ECS a request to the credentials' address needs no secret but the path in a variable; on EC2, none.

const (
	curlManual     = "https://curl.se/docs/manpage.html"
	wgetManual     = "https://www.gnu.org/software/wget/manual/wget.html"
	awsFiles       = "https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html"
	awsOptions     = "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html"
	kubectlManual  = "https://kubernetes.io/docs/reference/kubectl/"
	ecsCredentials = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html"
)

func netFacts() []fact {
	const hosts = `write where.URL = { match = 'https://api\.example\.com/[a-z0-9/_-]*' }`
	return []fact{{
		names: "curl", see: gtfobins("curl"),
		dangers: []danger{
			{operand: anyOperand, probes: []string{"file:///etc/passwd"}, effect: readsFiles, unless: "--proto=https", text: "curl prints files of this container", instead: hosts, see: gtfobins("curl")},
			{options: "--url", probes: []string{"file:///etc/passwd"}, effect: readsFiles, text: "curl prints files of this container", instead: hosts, see: gtfobins("curl")},
			{operand: anyOperand, probes: []string{"http://169.254.170.2/v2/credentials/x", "http://169.254.169.254/latest/meta-data/"}, effect: showsSecret, text: "that is where the task's AWS credentials are had", instead: hosts, see: ecsCredentials},
			{operand: anyOperand, probes: []string{"https://evil.example/"}, effect: otherServer, text: "data leave for any server", instead: hosts, see: curlManual},
			{options: "-o --output --output-dir -D --dump-header --trace --trace-ascii --stderr -c --cookie-jar --libcurl --etag-save --hsts --alt-svc", probes: []string{"/tmp/x", "x"}, effect: writesFiles, text: "curl writes there", instead: "leave it out: opsh records the output", see: curlManual},
			{options: "-O --remote-name -J --remote-header-name", effect: writesFiles, text: "curl writes a file that the server or the URL names", instead: "leave it out: opsh records the output", see: curlManual},
			{options: "-K --config", probes: []string{"/tmp/x", "x"}, effect: writesFiles, text: "the file may hold every option of curl", instead: "leave it out, or write it in insert", see: curlManual + "#-K"},
			{options: "-T --upload-file", probes: []string{"/etc/passwd", "x"}, effect: readsFiles, text: "curl sends that file", instead: "leave it out, or write a path in its where", see: curlManual},
			{options: "-d --data --data-binary --data-urlencode --data-ascii --json -H --header --proxy-header -F --form --variable -b --cookie -w --write-out --url-query",
				probes: []string{"@/etc/passwd", "x=@/etc/passwd", "x@/etc/passwd"}, effect: readsFiles, text: "behind @ curl reads a file and sends it", instead: `write a match that admits no @: { match = '[^@]*' }`, see: curlManual + "#-d"},
			{options: "--variable", probes: []string{"%HOME"}, effect: showsSecret, env: true, text: "behind % curl reads a variable", instead: "leave it out", see: curlManual + "#--variable"},
			{options: "-x --proxy --preproxy --socks5 --socks5-hostname --connect-to --resolve --doh-url", probes: []string{"evil.example:1", "x:443:203.0.113.9:1"}, effect: otherServer, text: "the request goes there, whatever its URL says", instead: "leave it out", see: curlManual},
			{options: "-k --insecure --proxy-insecure", effect: otherServer, text: "whoever stands between can answer for the server", instead: "leave it out, or write --cacert in insert", see: curlManual + "#-k"},
			{options: "--unix-socket --abstract-unix-socket", probes: []string{"/run/docker.sock"}, effect: otherServer, text: "curl talks to what listens there: container engines and agents do", instead: "leave it out", see: curlManual},
			{options: "--engine", probes: []string{"/tmp/x.so", "x"}, effect: runsCode, text: "curl loads a library from there", instead: "leave it out", see: gtfobins("curl")},
		},
	}, {
		names: "wget", escape: "--use-askpass runs a program", see: gtfobins("wget"),
		dangers: []danger{
			{operand: anyOperand, probes: []string{"http://169.254.170.2/v2/credentials/x", "http://169.254.169.254/latest/meta-data/"}, effect: showsSecret, text: "that is where the task's AWS credentials are had", instead: hosts, see: ecsCredentials},
			{operand: anyOperand, probes: []string{"https://evil.example/"}, effect: otherServer, text: "data leave for any server", instead: hosts, see: wgetManual},
			{options: "-O --output-document -o --output-file -a --append-output -P --directory-prefix", probes: []string{"/tmp/x", "x"}, effect: writesFiles, text: "wget writes there", instead: "leave it out, or write -O - in insert", see: wgetManual},
			{options: "--post-file --body-file -i --input-file", probes: []string{"/etc/passwd"}, effect: readsFiles, text: "wget reads that file and sends or shows it", instead: "leave it out", see: gtfobins("wget")},
			{options: "-e --execute --config --use-askpass", probes: []string{"/tmp/x", "use_askpass=/tmp/x"}, effect: runsProgram, text: "wget may be told to run a program", instead: "leave it out", see: gtfobins("wget")},
		},
	}, {
		names: "aws", escape: "its help opens a pager", see: gtfobins("aws"),
		dangers: []danger{
			{options: "--endpoint-url", probes: []string{"https://evil.example"}, effect: otherServer, text: "signed requests, and what they carry, go there", instead: "leave it out", see: awsOptions},
			{options: "--no-verify-ssl", effect: otherServer, text: "whoever stands between can answer for AWS", instead: "leave it out", see: awsOptions},
			{options: "--ca-bundle", probes: []string{"/tmp/x"}, effect: otherServer, text: "whoever holds that certificate can answer for AWS", instead: "leave it out", see: awsOptions},
			{options: "--profile", probes: []string{"x"}, effect: otherServer, text: "a profile may name a program that gives the credentials (credential_process)", instead: "list the profiles", see: "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html"},
			{options: "--debug", effect: showsSecret, text: "it prints the requests with what signs them", instead: "leave it out", see: awsOptions},
			{options: "--cli-input-json --cli-input-yaml", probes: []string{"file:///etc/passwd"}, effect: readsFiles, text: "behind file:// the value is read from a file, and may hold every parameter", instead: "leave it out", see: awsFiles},
			{verb: "s3 cp", operand: anyOperand, probes: []string{"/etc/passwd"}, effect: readsFiles, text: "aws s3 cp copies files of this container, both ways", instead: `write a match for S3 on both sides: { match = 's3://my-bucket/[a-z0-9/._-]+' }`, see: "https://docs.aws.amazon.com/cli/latest/reference/s3/cp.html"},
			{verb: "s3 mv", operand: anyOperand, probes: []string{"/etc/passwd"}, effect: writesFiles, text: "aws s3 mv moves files of this container, both ways", instead: `write a match for S3 on both sides`, see: "https://docs.aws.amazon.com/cli/latest/reference/s3/mv.html"},
			{verb: "s3 sync", operand: anyOperand, probes: []string{"/etc"}, effect: readsFiles, text: "aws s3 sync copies directories of this container, both ways", instead: `write a match for S3 on both sides`, see: "https://docs.aws.amazon.com/cli/latest/reference/s3/sync.html"},
			{verb: "configure", effect: showsSecret, text: "it shows and changes the credentials in use", instead: "leave it out", see: awsOptions},
			{verb: "ssm start-session", effect: runsElsewhere, text: "it opens a shell on another machine", instead: "leave it out", see: "https://docs.aws.amazon.com/cli/latest/reference/ssm/start-session.html"},
			{verb: "ecs execute-command", effect: runsElsewhere, text: "it runs programs in other containers, past their opsh", instead: "leave it out", see: "https://docs.aws.amazon.com/cli/latest/reference/ecs/execute-command.html"},
			{operand: firstOperand, probes: []string{"iam", "sts"}, effect: runsCode, text: "every service may be called, iam among them", instead: "write one usage line for each call", see: awsOptions},
			{options: "*", probes: []string{"file:///etc/passwd", "fileb:///etc/passwd"}, effect: readsFiles, text: "behind file:// the value is read from a file of this container", instead: "write a match that admits no : or /, or a list", see: awsFiles},
		},
	}, {
		names: "kubectl oc", escape: "edit, and plugins, start programs", see: gtfobins("kubectl"),
		dangers: []danger{
			{verb: "exec", effect: runsElsewhere, text: "it runs programs in other containers, past their opsh", instead: "leave it out", see: kubectlManual + "generated/kubectl_exec/"},
			{verb: "attach", effect: runsElsewhere, text: "it types into programs of other containers", instead: "leave it out", see: kubectlManual + "generated/kubectl_attach/"},
			{verb: "debug", effect: runsElsewhere, text: "it starts containers, also with a node's files", instead: "leave it out", see: kubectlManual + "generated/kubectl_debug/"},
			{verb: "run", effect: runsElsewhere, text: "it starts containers", instead: "leave it out", see: kubectlManual + "generated/kubectl_run/"},
			{verb: "cp", effect: readsFiles, text: "it copies files of this container, both ways; a container may answer with other files than were asked for", instead: "leave it out", see: "https://nvd.nist.gov/vuln/detail/CVE-2019-1002101"},
			{verb: "edit", effect: runsProgram, text: "it starts an editor", instead: "leave it out", see: kubectlManual + "generated/kubectl_edit/"},
			{verb: "proxy", effect: otherServer, text: "it opens the cluster's API, with this tool's credentials, to all that reach the port", instead: "leave it out", see: gtfobins("kubectl")},
			{verb: "port-forward", effect: otherServer, text: "it opens ports of the cluster to all that reach this container", instead: "leave it out", see: kubectlManual + "generated/kubectl_port-forward/"},
			{verb: "config view", effect: showsSecret, text: "with --raw it prints the credentials", instead: "leave it out", see: kubectlManual + "generated/kubectl_config/kubectl_config_view/"},
			{verb: "get secrets", effect: showsSecret, text: "it prints the cluster's secrets", instead: "leave it out", see: "https://kubernetes.io/docs/concepts/configuration/secret/"},
			{verb: "get secret", effect: showsSecret, text: "it prints the cluster's secrets", instead: "leave it out", see: "https://kubernetes.io/docs/concepts/configuration/secret/"},
			{verb: "get", operand: firstOperand, probes: []string{"secrets"}, effect: showsSecret, text: "it prints the cluster's secrets", instead: "list the kinds that may be read", see: "https://kubernetes.io/docs/concepts/configuration/secret/"},
			{options: "--kubeconfig", probes: []string{"/tmp/x", "x"}, effect: otherServer, text: "the file names the cluster, and a program that gives the credentials", instead: "leave it out, or write it in insert", see: "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins"},
			{options: "-s --server --proxy-url", probes: []string{"https://evil.example"}, effect: otherServer, text: "this tool's credentials go there", instead: "leave it out", see: kubectlManual},
			{options: "--insecure-skip-tls-verify", effect: otherServer, text: "whoever stands between can answer for the cluster", instead: "leave it out", see: kubectlManual},
			{options: "--as --as-group --token --user", probes: []string{"admin"}, effect: otherServer, text: "it acts as somebody else", instead: "leave it out, or list them", see: "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation"},
			{options: "-f --filename -k --kustomize", probes: []string{"/tmp/x", "https://evil.example/x.yaml"}, effect: readsFiles, text: "it takes objects from any file or server", instead: `write a path in its where: { path = "/dir", ext = ".yaml" }`, see: kubectlManual},
			{options: "-o --output --template", probes: []string{"go-template-file=/etc/passwd"}, effect: readsFiles, text: "it reads a template from there", instead: `write a list: ["wide", "json", "yaml"]`, see: kubectlManual},
			{options: "--raw", effect: showsSecret, text: "it calls the cluster's API as it likes, secrets among it", instead: "leave it out", see: gtfobins("kubectl")},
			{operand: firstOperand, probes: []string{"exec", "edit"}, effect: runsElsewhere, text: "every command may be typed, exec and edit among them", instead: "write one usage line for each command", see: kubectlManual},
		},
	}}
}

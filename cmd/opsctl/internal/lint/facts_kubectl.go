package lint

import "strings"

const (
	kubectlManual = "https://kubernetes.io/docs/reference/kubectl/"
	kubeSecret    = "https://kubernetes.io/docs/concepts/configuration/secret/"

	// kubectlHarmless only reads.
	kubectlHarmless = "get, describe, logs, top, version, api-resources, api-versions, explain, cluster-info, events, wait, help, auth can-i, auth whoami, rollout status, rollout history, config current-context, config get-contexts, config get-clusters"
)

func kubectlFacts() []fact {
	const leave = "leave it out"
	const secrets = `(?i)(.*,)?secrets?([./,].*)?`
	command := func(verb string, e effect, text string) danger {
		return danger{verb: verb, effect: e, text: text, instead: leave, see: kubectlManual + "generated/kubectl_" + verb + "/"}
	}
	return []fact{{
		names: "kubectl oc", escape: "edit, and plugins, start programs", see: gtfobins("kubectl"),
		values: "--as --as-group --as-uid --cache-dir --certificate-authority --chunk-size --client-certificate --client-key --cluster -c --container --context --field-manager --field-selector -f --filename --grace-period --kubeconfig" +
			" -k --kustomize -L --label-columns --limit-bytes --log-flush-frequency --max-log-requests -n --namespace -o --output --output-directory --password --pod-running-timeout --profile --profile-output --raw --request-timeout -l --selector" +
			" -s --server --since --since-time --sort-by --subresource --tail --template --timeout --tls-server-name --token --user --username -v --v --vmodule --to-revision --revision --replicas --for",
		switches: "logs -f",
		flags:    "-A --all-namespaces -w --watch --no-headers --show-labels -i -t -p --previous --follow -R --recursive -q --quiet --all-containers --timestamps --prefix --stdin --tty --wait --force --match-server-version --warnings-as-errors",
		commands: &commands{harmless: kubectlHarmless, effect: runsElsewhere, example: "exec", text: "every command may be typed, exec and edit among them", instead: `write one usage line for each command, or a list: ["get", "describe"]`, see: kubectlManual},
		dangers: []danger{
			command("exec", runsElsewhere, "it runs programs in other containers, past their opsh"),
			command("attach", runsElsewhere, "it types into programs of other containers"),
			command("debug", runsElsewhere, "it starts containers, also with a node's files"),
			command("run", runsElsewhere, "it starts containers"),
			{verb: "cp", effect: readsFiles, text: "it copies files of this container, both ways; a container may answer with other files than were asked for", instead: leave, see: "https://nvd.nist.gov/vuln/detail/CVE-2019-1002101"},
			command("edit", runsProgram, "it starts an editor"),
			{verb: "proxy", effect: otherServer, text: "it opens the cluster's API, with this tool's credentials, to all that reach the port", instead: leave, see: gtfobins("kubectl")},
			command("port-forward", otherServer, "it opens ports of the cluster to all that reach this container"),
			{verb: "config view", effect: showsSecret, text: "with --raw it prints the credentials", instead: leave, see: kubectlManual + "generated/kubectl_config/kubectl_config_view/"},
			{verb: "create token", effect: showsSecret, text: "it prints a token of the account", instead: leave, see: kubectlManual + "generated/kubectl_create/kubectl_create_token/"},
			command("kustomize", readsFiles, "it builds from any directory or server, and shows what it reads"),
			{verb: "cluster-info dump", effect: showsSecret, text: "it prints all logs and objects of the cluster", instead: leave, see: kubectlManual + "generated/kubectl_cluster-info/kubectl_cluster-info_dump/"},
			{options: "--output-directory --profile-output --cache-dir", effect: writesFiles, text: "kubectl writes there", instead: leave, see: kubectlManual + "generated/kubectl_cluster-info/kubectl_cluster-info_dump/"},
			{verb: "get", operand: anyOperand, probes: []string{"secrets"}, words: secrets, even: true, effect: showsSecret, text: "it prints the cluster's secrets", instead: "list the kinds that may be read", see: kubeSecret},
			{options: "--kubeconfig", effect: otherServer, text: "the file names the cluster, and a program that gives the credentials", instead: "leave it out, or write it in insert", see: "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins"},
			{options: "-s --server --proxy-url", probes: []string{"https://evil.example"}, words: anyURL, effect: otherServer, text: "this tool's credentials go there", instead: leave, see: kubectlManual},
			{options: "--certificate-authority --tls-server-name", effect: otherServer, text: "whoever holds that certificate can answer for the cluster", instead: leave, see: kubectlManual},
			{options: "--insecure-skip-tls-verify", effect: otherServer, text: "whoever stands between can answer for the cluster", instead: leave, see: kubectlManual},
			{options: "--as --as-group --as-uid --token --user --username --client-certificate --client-key", effect: otherServer, text: "it acts as somebody else", instead: "leave it out, or list them", see: "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation"},
			{options: "-f --filename -k --kustomize", probes: []string{"/tmp/x", "https://evil.example/x.yaml"}, words: anyFile + "|" + anyURL, effect: readsFiles, text: "it takes objects from any file or server", instead: `write a path in its where: { path = "/dir", ext = ".yaml" }`, see: kubectlManual},
			{options: "-o --output --template", probes: []string{"go-template-file=/etc/passwd"}, words: "(go-template-file|templatefile|jsonpath-file|custom-columns-file)=.*", effect: readsFiles, text: "it reads a template from there", instead: `write a list: ["wide", "json", "yaml"]`, see: kubectlManual},
			{options: "--raw", effect: showsSecret, text: "it calls the cluster's API as it likes, secrets among it", instead: leave, see: gtfobins("kubectl")},
		},
	}}
}

// slashed is a command's words as the address of its page.
func slashed(verb string) string { return strings.ReplaceAll(verb, " ", "/") }

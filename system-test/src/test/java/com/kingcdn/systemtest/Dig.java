package com.kingcdn.systemtest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the real dig against the redirector. */
final class Dig {

    private static final Pattern STATUS = Pattern.compile("status: ([A-Z]+)");
    private static final Pattern FLAGS = Pattern.compile(";; flags: ([a-z ]*);");
    private static final Pattern SUBNET = Pattern.compile("CLIENT-SUBNET: (\\S+)/(\\d+)/(\\d+)");
    private static final Pattern RECORD =
            Pattern.compile("^(\\S+)\\s+(\\d+)\\s+IN\\s+(\\S+)\\s+(.+)$", Pattern.MULTILINE);

    private Dig() {}

    /** @param data as dig prints it */
    record ResourceRecord(String name, long ttl, String type, String data) {}

    /**
     * What was answered.
     *
     * @param status such as NOERROR; empty when there was no answer
     * @param ecsScope of the echoed client subnet, or -1 when there is none
     * @param printed all of it
     */
    record Answer(
            String status,
            Set<String> flags,
            List<ResourceRecord> records,
            int ecsSource,
            int ecsScope,
            String printed) {

        List<String> data(String type) {
            return records.stream()
                    .filter(each -> each.type().equals(type))
                    .map(ResourceRecord::data)
                    .toList();
        }
    }

    static Answer query(LocalCdn cdn, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "dig",
                "@" + cdn.control(),
                "-p",
                String.valueOf(cdn.dnsPort()),
                "+tries=2",
                "+time=2",
                "+nomultiline"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        Matcher subnet = SUBNET.matcher(printed);
        boolean echoed = subnet.find();
        List<ResourceRecord> records = new ArrayList<>();
        int begin = printed.indexOf(";; ANSWER SECTION:");
        if (begin >= 0) {
            int end = printed.indexOf("\n\n", begin);
            Matcher each = RECORD.matcher(printed.substring(begin, end < 0 ? printed.length() : end));
            while (each.find()) {
                records.add(
                        new ResourceRecord(each.group(1), Long.parseLong(each.group(2)), each.group(3), each.group(4)));
            }
        }
        return new Answer(
                first(STATUS, printed),
                Set.of(first(FLAGS, printed).split(" ")),
                records,
                echoed ? Integer.parseInt(subnet.group(2)) : -1,
                echoed ? Integer.parseInt(subnet.group(3)) : -1,
                printed);
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }
}

package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom edges probe: what a redirector answers to {@code GET /v1/probe-targets}.
 *
 * @param targets the most important ones first
 * @param optOut nobody in these prefixes is probed, not even one that an edge knows otherwise
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ProbeTargets(List<ProbeTarget> targets, List<IpPrefix> optOut) {

    public static final String PATH = "/v1/probe-targets";

    /** Nobody. */
    public static final ProbeTargets NONE = new ProbeTargets(null, null);

    public ProbeTargets(@Nullable List<ProbeTarget> targets, @Nullable List<IpPrefix> optOut) {
        this.targets = targets == null ? List.of() : List.copyOf(targets);
        this.optOut = optOut == null ? List.of() : List.copyOf(optOut);
    }
}

package com.kingcdn.origin.web;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule for the Cache-Control field of content; it applies to paths that have its prefix and its suffix.
 *
 * @param prefix of the path, such as {@code /live/}; any when left out
 * @param suffix of the path, such as {@code .mpd}; any when left out
 * @param value of the Cache-Control field
 */
public record CacheControlRule(
        @Nullable String prefix,
        @Nullable String suffix,
        @NotBlank @Pattern(regexp = "[\\x20-\\x7e]*", message = "must be visible ASCII") String value) {

    /** What content has that no rule applies to. */
    public static final String DEFAULT = "public, max-age=3600";

    /** The value of the first rule that applies, or {@link #DEFAULT}. */
    static String valueFor(String path, List<CacheControlRule> rules) {
        for (CacheControlRule rule : rules) {
            if (rule.appliesTo(path)) {
                return rule.value;
            }
        }
        return DEFAULT;
    }

    private boolean appliesTo(String path) {
        return (prefix == null || path.startsWith(prefix)) && (suffix == null || path.endsWith(suffix));
    }
}

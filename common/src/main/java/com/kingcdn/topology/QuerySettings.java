package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What of a URL's query tells objects apart: applied to the cache key and to what the origin is asked, so that neither sees what the
 * other does not.
 *
 * @param mode keep when left out
 * @param names parameters that {@code allow} or {@code deny} is about, case-sensitive as in the URL before percent-decoding; a final
 *     {@code *} stands for any rest
 * @param sort whether parameters are put in the order of their names, those of one name staying in theirs
 */
public record QuerySettings(Mode mode, List<String> names, boolean sort) {

    /** Which parameters count. */
    public enum Mode {
        /** All of the query. */
        @JsonProperty("keep")
        KEEP,
        /** Nothing of it. */
        @JsonProperty("drop")
        DROP,
        /** Those named. */
        @JsonProperty("allow")
        ALLOW,
        /** All but those named. */
        @JsonProperty("deny")
        DENY
    }

    private static final Pattern NAME = Pattern.compile("[!$'(),./0-9:;?@A-Z_a-z~%\\[\\]-]{1,128}\\*?");

    public QuerySettings(@Nullable Mode mode, @Nullable List<String> names, boolean sort) {
        this.mode = mode == null ? Mode.KEEP : mode;
        this.names = Identifiers.list(names);
        this.sort = sort;
        boolean named = this.mode == Mode.ALLOW || this.mode == Mode.DENY;
        if (named == this.names.isEmpty()) {
            throw new IllegalArgumentException(
                    named ? "mode allow and mode deny need names" : "names belong to mode allow or mode deny");
        }
        for (String name : this.names) {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("'" + name + "' is not the name of a query parameter");
            }
        }
    }
}

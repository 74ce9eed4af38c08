package com.kingcdn.origin;

import com.kingcdn.origin.ingest.IngestProperties;
import com.kingcdn.origin.web.CacheControlRule;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The settings of the origin.
 *
 * @param store directory of the content; made when there is none
 * @param tokenFile holds the token that uploads must show
 * @param upload limits
 * @param cacheControl rules, the first that applies counts
 * @param accessLog a file, {@code -} for standard output, or none
 * @param demoTitle whether to store {@link DemoTitle} at start
 */
@Validated
@ConfigurationProperties(prefix = "kingcdn.origin", ignoreUnknownFields = false)
record OriginProperties(
        @NotNull(message = "name the directory of the content store") Path store,
        @NotNull(message = "name the file with the token for uploads") Path tokenFile,
        @DefaultValue @Valid IngestProperties upload,
        @DefaultValue List<@Valid CacheControlRule> cacheControl,
        @Nullable String accessLog,
        @DefaultValue("false") boolean demoTitle) {}

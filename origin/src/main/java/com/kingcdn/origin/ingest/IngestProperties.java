package com.kingcdn.origin.ingest;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits of uploads.
 *
 * @param maxSize of one piece of content
 * @param maxConcurrent how many uploads may run at a time; one more gets 503
 * @param idleTimeout how long an upload may send nothing before it is given up
 */
public record IngestProperties(
        @DefaultValue("100GB") DataSize maxSize,
        @DefaultValue("32") @Min(1) @Max(1024) int maxConcurrent,
        @DefaultValue("30s") @DurationMin(millis = 100) Duration idleTimeout) {}

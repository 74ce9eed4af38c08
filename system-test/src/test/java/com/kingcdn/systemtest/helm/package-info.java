/**
 * The chart, the kustomize manifests, the images and the dashboard, held against the Kubernetes model and against what the services
 * know; no process is started.
 *
 * <p><em>Starting points:</em> {@code ChartTest}, {@code Manifests}.
 */
@NullMarked
package com.kingcdn.systemtest.helm;

import org.jspecify.annotations.NullMarked;

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Checks proofs of a verifiable random function on the curve secp256k1
/// @notice The function is ECVRF as RFC 9381 defines it, with SHA-256 and the encoding to the curve by try and increment
/// (section 5.4.1.1), on secp256k1, for which the RFC has no suite: the suite's octet is 0xFE, from the range that it
/// leaves to others.
/// @dev Multiplying a point costs about a million gas in Solidity. The precompile ecrecover multiplies too, but tells the
/// hash of the product alone, see {_isProduct}. So whoever proves sends the three products along, and this compares
/// them: about 30 000 gas. They add nothing to what is proven: a wrong one is found out.
library VrfVerifier {
    /// @dev A point of the curve in affine coordinates.
    struct Point {
        uint256 x;
        uint256 y;
    }

    /// @notice A proof, and what makes it cheap to check.
    /// @param gamma The secret key times H, the point that the input is encoded to.
    /// @param c The challenge, 128 bits.
    /// @param s The response.
    /// @param u s times the generator, less c times the public key.
    /// @param sH s times H.
    /// @param cGamma c times `gamma`.
    struct Proof {
        Point gamma;
        uint256 c;
        uint256 s;
        Point u;
        Point sH;
        Point cGamma;
    }

    /// @dev The prime of the field.
    uint256 private constant P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;
    /// @dev The order of the group.
    uint256 private constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    /// @dev What a number is raised to for its square root.
    uint256 private constant ROOT_EXPONENT = (P + 1) / 4;

    bytes1 private constant SUITE = 0xFE;
    bytes1 private constant DOMAIN_ENCODE = 0x01;
    bytes1 private constant DOMAIN_CHALLENGE = 0x02;
    bytes1 private constant DOMAIN_HASH = 0x03;
    bytes1 private constant DOMAIN_END = 0x00;

    /// @dev The modular exponentiation of EIP-198.
    address private constant MODEXP = address(5);

    /// @notice Whether a proof shows that its {output} is that of the key for the input.
    /// @param key The public key.
    /// @param alpha The input.
    function verify(Point memory key, bytes memory alpha, Proof memory proof) internal view returns (bool) {
        if (!isKey(key) || !isKey(proof.gamma)) return false;
        if (proof.c > type(uint128).max || proof.s >= N) return false;
        (bool found, Point memory h) = encodeToCurve(key, alpha);
        if (!found || !_isDifference(proof.s, proof.c, key, proof.u)) return false;
        if (!_isProduct(proof.s, h, proof.sH) || !_isProduct(proof.c, proof.gamma, proof.cGamma)) return false;
        // Points of the same x are the same, or each other's negative: for honest proofs of negligible chance.
        if (proof.sH.x == proof.cGamma.x) return false;
        return proof.c == _challenge(key, h, proof.gamma, proof.u, _subtract(proof.sH, proof.cGamma));
    }

    /// @notice The random bytes that a proof shows; they mean nothing before {verify} is true.
    function output(Proof memory proof) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(SUITE, DOMAIN_HASH, _compressed(proof.gamma), DOMAIN_END));
    }

    /// @notice Whether a point is on the curve, and one that ecrecover takes: its x is below the group's order, as all but
    /// one in 2^127 are. So is no public key that a check would fail with.
    function isKey(Point memory point) internal pure returns (bool) {
        if (point.x == 0 || point.x >= N || point.y >= P) return false;
        return mulmod(point.y, point.y, P) == _curve(point.x);
    }

    /// @notice The point that an input stands for.
    /// @return found False with a chance of 2^-256 only.
    function encodeToCurve(Point memory key, bytes memory alpha)
        internal
        view
        returns (bool found, Point memory point)
    {
        bytes memory head = abi.encodePacked(SUITE, DOMAIN_ENCODE, _compressed(key), alpha);
        for (uint256 i = 0; i <= type(uint8).max; ++i) {
            // Not above 255.
            uint256 x = uint256(sha256(abi.encodePacked(head, uint8(i), DOMAIN_END)));
            if (x >= P) continue;
            uint256 square = _curve(x);
            uint256 y = _power(square, ROOT_EXPONENT);
            if (mulmod(y, y, P) == square) return (true, Point(x, y & 1 == 0 ? y : P - y));
        }
    }

    /// @dev x³ + 7, which is y² where the point is on the curve.
    function _curve(uint256 x) private pure returns (uint256) {
        return addmod(mulmod(mulmod(x, x, P), x, P), 7, P);
    }

    function _challenge(Point memory key, Point memory h, Point memory gamma, Point memory u, Point memory v)
        private
        pure
        returns (uint256)
    {
        bytes memory points = abi.encodePacked(
            _compressed(key), _compressed(h), _compressed(gamma), _compressed(u), _compressed(v)
        );
        // The first 16 of 32 bytes.
        return uint256(sha256(abi.encodePacked(SUITE, DOMAIN_CHALLENGE, points, DOMAIN_END))) >> 128;
    }

    /// @dev Whether `product` is `scalar` times `point`. A signature (r, s) of a hash z is one by the key
    /// r⁻¹ · (s · R - z · G), R being the point with the x of r. With z = 0 and s = scalar · r, that is scalar · R.
    function _isProduct(uint256 scalar, Point memory point, Point memory product) private pure returns (bool) {
        return _isSigner(0, point, mulmod(scalar, point.x, N), product);
    }

    /// @dev Whether `result` is `s` times the generator, less `c` times `key`: as {_isProduct}, with z = -s · r.
    function _isDifference(uint256 s, uint256 c, Point memory key, Point memory result) private pure returns (bool) {
        uint256 z = mulmod(N - s, key.x, N);
        return _isSigner(z, key, mulmod(N - c, key.x, N), result);
    }

    /// @dev Whether the key that ecrecover finds is `wanted`, by their addresses.
    function _isSigner(uint256 z, Point memory r, uint256 s, Point memory wanted) private pure returns (bool) {
        address signer = ecrecover(bytes32(z), r.y & 1 == 0 ? 27 : 28, bytes32(r.x), bytes32(s));
        if (signer == address(0)) return false;
        return signer == address(uint160(uint256(keccak256(abi.encodePacked(wanted.x, wanted.y)))));
    }

    /// @dev a - b, for points with different x.
    function _subtract(Point memory a, Point memory b) private view returns (Point memory difference) {
        uint256 rise = addmod(a.y, b.y, P);
        uint256 run = addmod(a.x, P - b.x, P);
        // Raised to P - 2 is inverted.
        uint256 slope = mulmod(rise, _power(run, P - 2), P);
        uint256 x = addmod(mulmod(slope, slope, P), P - addmod(a.x, b.x, P), P);
        uint256 y = addmod(mulmod(slope, addmod(a.x, P - x, P), P), P - a.y, P);
        return Point(x, y);
    }

    function _power(uint256 base, uint256 exponent) private view returns (uint256 result) {
        (bool done, bytes memory word) =
            MODEXP.staticcall(abi.encode(uint256(32), uint256(32), uint256(32), base, exponent, P));
        // The precompile fails only for want of gas, and then nothing is to be concluded.
        require(done);
        return abi.decode(word, (uint256));
    }

    /// @dev As SEC 1 compresses points: 33 bytes.
    function _compressed(Point memory point) private pure returns (bytes memory) {
        return abi.encodePacked(point.y & 1 == 0 ? bytes1(0x02) : bytes1(0x03), point.x);
    }
}
